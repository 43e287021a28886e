import {everyone} from './channels.js'
import {textFrame} from './frame.js'
import type {Hub} from './hub.js'
import type {PresentMember} from './presence.js'

export interface GapsEvents {
  /** Everybody was told of what was missed while the bus was away: what was held comes now. */
  settled(): void
  /** A client was told of one. */
  told(): void
  /** Has the other nodes tell theirs. @returns whether the bus took it */
  tellOthers(channel: string): Promise<boolean>
}

/**
 * Milliseconds after the bus is back in which the other nodes come back, too, and say what they could not send. What comes
 * meanwhile is held, so that one outage is one gap, told before it.
 */
const settling = 1_000

/** Milliseconds in which another node's gaps are told together, unless a message comes. */
const pace = 50

/** Channels with lost messages that are remembered; with more, everyone is told. */
const mostOwed = 10_000

/**
 * Tells clients that they may have missed something: what others sent while the bus was away, and what a node could not send.
 * Each is told once, before the first message that comes after the gap.
 */
export class Gaps<M extends PresentMember> {
  readonly #hub: Hub<M>
  readonly #events: GapsEvents
  /** What this node subscribes to, and whose room it is. */
  readonly #channels = new Map<string, string | undefined>()
  /** Where something may have been missed, and nobody was told yet. */
  readonly #stale = new Set<string>()
  /** Where something of this node's was lost. */
  readonly #owed = new Set<string>()
  #isDown = false
  /** The bus is back, and maybe not for all. */
  #isSettling = false
  #timer: NodeJS.Timeout | undefined
  #telling: NodeJS.Timeout | undefined

  constructor(hub: Hub<M>, events: GapsEvents) {
    this.#hub = hub
    this.#events = events
  }

  subscribed(channel: string, room: string | undefined): void {
    this.#channels.set(channel, room)
    if (this.#isDown) this.#stale.add(channel)
  }

  unsubscribed(channel: string): void {
    this.#channels.delete(channel)
    this.#stale.delete(channel)
  }

  down(): void {
    this.#isDown = true
    this.#isSettling = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const channel of this.#channels.keys()) this.#stale.add(channel)
  }

  up(): void {
    this.#isDown = false
    this.#isSettling = this.#stale.size > 0
    if (this.#isSettling) this.#tellIn(settling)
    this.#tellOthers()
  }

  /** Whether what comes on a channel has to wait until everybody was told of the gap. */
  holds(channel: string): boolean {
    return this.#isSettling && this.#stale.has(channel)
  }

  /** Tells everybody now. */
  settle(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const wasSettling = this.#isSettling
    this.#isSettling = false
    this.#tell([...this.#stale])
    if (wasSettling) this.#events.settled()
  }

  /** A message of this node's has not reached the others. */
  lost(channel: string): void {
    const isFull = this.#owed.size >= mostOwed
    if (isFull) this.#owed.clear()
    this.#owed.add(isFull ? everyone : channel)
    if (!this.#isDown) this.#telling ??= setTimeout(() => this.#tellOthers(), settling).unref()
  }

  /** A message is about to go out on a channel: that one was lost before goes ahead of it. */
  sends(channel: string): void {
    if (this.#owed.size > 0 && !this.#isDown && (this.#owed.has(channel) || this.#owed.has(everyone)))
      this.#tellOthers()
  }

  /** A message comes on a channel. */
  hears(channel: string): void {
    if (this.#stale.has(channel)) this.#tell(channel === everyone ? [...this.#stale] : [channel])
  }

  /** Another node has lost something on a channel. */
  missed(channel: string): void {
    for (const stale of channel === everyone ? this.#channels.keys() : [channel])
      if (this.#channels.has(stale)) this.#stale.add(stale)
    this.#tellIn(pace)
  }

  end(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#telling)
  }

  #tellIn(ms: number): void {
    this.#timer ??= setTimeout(() => this.settle(), ms).unref()
  }

  /** Each client once, with the rooms in which it may have missed something. */
  #tell(channels: readonly string[]): void {
    const rooms = new Map<M, string[]>()
    if (channels.includes(everyone)) for (const member of this.#hub.members.values()) rooms.set(member, [])
    for (const channel of channels) {
      const room = this.#channels.get(channel)
      this.#stale.delete(channel)
      if (room === undefined) continue
      for (const member of this.#hub.membersOf(room)) {
        const theirs = rooms.get(member)
        if (theirs) theirs.push(room)
        else rooms.set(member, [room])
      }
    }
    for (const [member, names] of rooms)
      if (member.hearsCandy) {
        this.#events.told()
        member.deliver(textFrame(JSON.stringify({type: 'candy.gap', rooms: names})))
      }
  }

  #tellOthers(): void {
    clearTimeout(this.#telling)
    this.#telling = undefined
    for (const channel of this.#owed) {
      this.#owed.delete(channel)
      void this.#events.tellOthers(channel).then(taken => taken || this.#owed.add(channel))
    }
  }
}
