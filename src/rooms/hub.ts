import {channelOfRoom, channelOfUser, everyone} from './channels.js'
import {fitting, type Frame, type SendOptions} from './frame.js'
import {Rooms} from './rooms.js'
import type {Target} from './target.js'

/** What the hub knows of a connection. */
export interface Member {
  readonly id: string
  /** Bytes that may wait for it: a longer message could never reach it. */
  readonly maxBuffered: number
  /** Sends without telling whether it was accepted; never throws. */
  deliver(frame: Frame, options?: SendOptions): void
}

/** The other nodes of the app, as a hub sees them. */
export interface Relay {
  /** Somebody here hears a channel now, or nobody does any more. @param room its room, if it is one's */
  subscribe(channel: string, room?: string): void
  unsubscribe(channel: string): void
  /** Here it has been delivered. Never throws. */
  publish(to: Target, except: readonly string[], frame: Frame, options: SendOptions | undefined): void
}

/** Whoever wants to know who comes and goes. */
export interface Attendance<M> {
  joined(member: M, room: string): void
  left(member: M, room: string): void
}

/** Every connection of one app in this process, and who hears what. */
export class Hub<M extends Member> {
  readonly #members = new Map<string, M>()
  readonly #rooms = new Rooms<M>()
  readonly #users = new Rooms<M>()
  /** Least and most of what may wait for any member there has been. */
  #least: number
  #most: number
  /** Where the app has several nodes. */
  relay: Relay | undefined
  attendance: Attendance<M> | undefined

  /** @param maxBuffered bytes that may wait for a member, if nothing else is said of it */
  constructor(maxBuffered = Number.POSITIVE_INFINITY) {
    this.#least = maxBuffered
    this.#most = maxBuffered
  }

  get members(): ReadonlyMap<string, M> {
    return this.#members
  }

  /** Rooms with anybody in them. */
  get roomCount(): number {
    return this.#rooms.size
  }

  rooms(): Iterable<string> {
    return this.#rooms.names()
  }

  membersOf(room: string): Iterable<M> {
    return this.#rooms.of(room) ?? []
  }

  add(member: M): void {
    this.#least = Math.min(this.#least, member.maxBuffered)
    this.#most = Math.max(this.#most, member.maxBuffered)
    this.#members.set(member.id, member)
    if (this.#members.size === 1) this.relay?.subscribe(everyone)
  }

  remove(member: M): void {
    if (this.#members.delete(member.id) && this.#members.size === 0) this.relay?.unsubscribe(everyone)
  }

  join(member: M, room: string): void {
    if (this.#rooms.join(room, member)) this.relay?.subscribe(channelOfRoom(room), room)
    this.attendance?.joined(member, room)
  }

  has(member: M, room: string): boolean {
    return this.#rooms.of(room)?.has(member) === true
  }

  leave(member: M, room: string): void {
    const wasLast = this.#rooms.leave(room, member)
    if (wasLast === undefined) return
    if (wasLast) this.relay?.unsubscribe(channelOfRoom(room))
    this.attendance?.left(member, room)
  }

  /** Who a connection is of. @param key the user's key */
  own(member: M, key: string): void {
    if (this.#users.join(key, member)) this.relay?.subscribe(channelOfUser(key))
  }

  disown(member: M, key: string): void {
    if (this.#users.leave(key, member)) this.relay?.unsubscribe(channelOfUser(key))
  }

  /**
   * To everyone it is for, once each, here and on every other node; `except` names rooms or connection ids.
   *
   * @throws RangeError if it could never reach one of those who are here: then it goes to nobody
   */
  send(to: Target, except: readonly string[], frame: Frame, options?: SendOptions): void {
    const members = this.#reached(to, except)
    if (frame.size > this.#least) {
      fitting(frame, this.#most)
      for (const {maxBuffered} of members) fitting(frame, maxBuffered)
    }
    for (const member of members) member.deliver(frame, options)
    this.relay?.publish(to, except, frame, options)
  }

  /** What another node has sent, to those who are here. @returns whether it was too long for one of them */
  receive(to: Target, except: readonly string[], frame: Frame, options?: SendOptions): boolean {
    const members = this.#reached(to, except)
    const isLong = frame.size > this.#least
    const fit = isLong ? members.filter(({maxBuffered}) => frame.size <= maxBuffered) : members
    for (const member of fit) member.deliver(frame, options)
    return fit.length < members.length
  }

  /** A copy: those who are there now, whoever comes or goes meanwhile. */
  #reached(to: Target, except: readonly string[]): readonly M[] {
    const members = this.#membersFor(to)
    if (except.length === 0) return members
    const excepted = new Set<string | M>(except)
    for (const name of except) for (const member of this.membersOf(name)) excepted.add(member)
    return members.filter(member => !excepted.has(member.id) && !excepted.has(member))
  }

  #membersFor(to: Target): readonly M[] {
    if ('user' in to) return [...(this.#users.of(to.user) ?? [])]
    if (!('rooms' in to)) return [...this.#members.values()]
    const {rooms} = to
    if (rooms.length === 1) return [...this.membersOf(rooms[0]!)]
    const reached = new Set<M>()
    for (const room of rooms) for (const member of this.membersOf(room)) reached.add(member)
    return [...reached]
  }
}
