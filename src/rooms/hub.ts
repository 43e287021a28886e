import {fitting, type Frame, type SendOptions} from './frame.js'
import {Rooms} from './rooms.js'

/** What the hub knows of a connection. */
export interface Member {
  readonly id: string
  /** Bytes that may wait for it: a longer message could never reach it. */
  readonly maxBuffered: number
  isIn(room: string): boolean
  /** Sends without telling whether it was accepted; never throws. */
  deliver(frame: Frame, options?: SendOptions): void
}

/** Every connection of one app, and who hears what. */
export class Hub<M extends Member> {
  readonly #members = new Map<string, M>()
  readonly #rooms = new Rooms<M>()
  /** Least and most of what may wait for any member there has been. */
  #least: number
  #most: number

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

  add(member: M): void {
    this.#least = Math.min(this.#least, member.maxBuffered)
    this.#most = Math.max(this.#most, member.maxBuffered)
    this.#members.set(member.id, member)
  }

  remove(member: M): void {
    this.#members.delete(member.id)
  }

  join(member: M, room: string): void {
    this.#rooms.join(room, member)
  }

  has(member: M, room: string): boolean {
    return this.#rooms.of(room)?.has(member) === true
  }

  leave(member: M, room: string): void {
    this.#rooms.leave(room, member)
  }

  /**
   * To everyone in any of the rooms, once each; `except` names rooms or connection ids.
   *
   * @throws RangeError if it could never reach one of them: then it goes to nobody
   */
  toRooms(rooms: readonly string[], except: readonly string[], frame: Frame, options?: SendOptions): void {
    this.#deliver(this.#reached(rooms, except), frame, options)
  }

  /** @throws RangeError if it could never reach one of them: then it goes to nobody */
  toAll(except: string | undefined, frame: Frame, options?: SendOptions): void {
    const members = [...this.#members.values()]
    this.#deliver(except === undefined ? members : members.filter(({id}) => id !== except), frame, options)
  }

  #deliver(members: readonly M[], frame: Frame, options: SendOptions | undefined): void {
    if (frame.size > this.#least) {
      fitting(frame, this.#most)
      for (const {maxBuffered} of members) fitting(frame, maxBuffered)
    }
    for (const member of members) member.deliver(frame, options)
  }

  /** A copy: those who are there now, whoever comes or goes meanwhile. */
  #reached(rooms: readonly string[], except: readonly string[]): readonly M[] {
    const [first] = rooms
    const members =
      rooms.length === 1
        ? [...(this.#rooms.of(first!) ?? [])]
        : [...new Set(rooms.flatMap(room => [...(this.#rooms.of(room) ?? [])]))]
    return except.length === 0 ? members : members.filter(member => !isExcepted(member, except))
  }
}

function isExcepted(member: Member, except: readonly string[]): boolean {
  return except.some(name => name === member.id || member.isIn(name))
}
