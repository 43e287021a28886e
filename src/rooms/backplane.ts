import {describeError, type Logger} from '../log.js'
import {BusTraffic} from '../telemetry/bus-traffic.js'
import {BusError, type Bus, type BusLink, type BusNode, type Denial, type Lease} from './bus.js'
import {decodeMessage, encodeMessage, type BusMessage} from './bus-message.js'
import {channelsOf} from './channels.js'
import type {Frame, SendOptions} from './frame.js'
import {Gaps} from './gaps.js'
import type {Hub, Relay} from './hub.js'
import type {Presence, PresentMember} from './presence.js'
import {Seen} from './seen.js'
import type {Target} from './target.js'

export interface BackplaneParts<M extends PresentMember> {
  readonly bus: Bus
  readonly hub: Hub<M>
  readonly presence: Presence<M>
  readonly log: Logger
  /** Told whom other nodes have revoked. */
  readonly denied: (denials: readonly Denial[]) => void
}

/** Bytes and messages that may wait for the bus to accept them: more is lost at once, and said so. */
const mostBytes = 16 * 1_024 * 1_024
const mostMessages = 10_000

/** Bytes that are held until everybody was told of a gap: with more, they are told at once. */
const mostHeld = 1_024 * 1_024

/** One app's way to its other nodes: what its hub sends goes there, and what comes from there goes into its hub. */
export class Backplane<M extends PresentMember> implements Relay, BusNode {
  readonly id: string
  readonly traffic: BusTraffic
  readonly #parts: BackplaneParts<M>
  readonly #gaps: Gaps<M>
  readonly #seen = new Seen()
  #link: BusLink | undefined
  #waitingMessages = 0
  #waitingBytes = 0
  #count = 0
  #wasDown = false
  readonly #held: (readonly [BusMessage, Frame])[] = []
  #heldBytes = 0
  /** Denials that the bus has not taken. */
  readonly #owed = new Map<string, Denial>()

  /** @param id of this node */
  constructor(id: string, parts: BackplaneParts<M>) {
    this.id = id
    this.#parts = parts
    this.traffic = new BusTraffic(parts.bus.kind)
    this.#gaps = new Gaps(parts.hub, {
      settled: () => this.#release(),
      told: () => (this.traffic.gaps += 1),
      tellOthers: channel => {
        const message = encodeMessage({from: id, to: {everyone: true}})
        return this.#publish(channel, message).then(yes, no)
      },
    })
  }

  begin(): void {
    const {bus, hub, presence} = this.#parts
    this.#link = bus.connect(this)
    presence.connect(this.#link)
    hub.relay = this
  }

  async end(): Promise<void> {
    this.#parts.hub.relay = undefined
    this.#gaps.end()
    await this.#link?.close()
  }

  subscribe(channel: string, room?: string): void {
    this.#gaps.subscribed(channel, room)
    void this.#link!.subscribe(channel).catch(madeUpFor)
  }

  unsubscribe(channel: string): void {
    this.#gaps.unsubscribed(channel)
    void this.#link!.unsubscribe(channel).catch(madeUpFor)
  }

  publish(to: Target, except: readonly string[], frame: Frame, options: SendOptions | undefined): void {
    const channels = channelsOf(to)
    const id = channels.length > 1 ? (this.#count += 1).toString(36) : undefined
    try {
      const message = encodeMessage({from: this.id, to, except, options, id, frame})
      for (const channel of channels) {
        this.#gaps.sends(channel)
        void this.#publish(channel, message).catch((error: unknown) => this.#failed(channel, error))
      }
    } catch (error) {
      this.#failed(channels[0]!, error)
    }
  }

  /** Tells all nodes, now or when the bus is back. */
  deny(denial: Denial): void {
    this.#owed.set(denial.what, denial)
    void this.#pay(denial)
  }

  hear(channel: string, bytes: Buffer): void {
    // What a server that hung brings late, or one that is just back: more may be lost after it. It is in the gap that is told when
    // the bus is up, so that there is one, and nothing is missing that it does not tell.
    if (!this.traffic.isUp) return
    const message = decodeMessage(bytes)
    if (typeof message === 'string') {
      this.traffic.ignored[message] += 1
      return
    }
    if (message.from === this.id || !this.#seen.isNew(message.from, message.id)) return
    this.traffic.received += 1
    if (!message.frame) return this.#gaps.missed(channel)
    if (this.#gaps.holds(channel)) return this.#hold(message, message.frame)
    this.#gaps.hears(channel)
    this.#deliver(message, message.frame)
  }

  up(): void {
    const {presence, log} = this.#parts
    this.traffic.isUp = true
    // At the start nobody asks; after `down()` somebody waits for it.
    log[this.#wasDown ? 'info' : 'debug']({event: 'bus.up', bus: this.traffic.kind}, 'the bus is there')
    this.#gaps.up()
    presence.up()
    for (const denial of this.#owed.values()) void this.#pay(denial)
  }

  down(error: Error): void {
    this.traffic.isUp = false
    this.#wasDown = true
    // It is in the gap that will be told.
    this.#held.length = this.#heldBytes = 0
    this.#gaps.down()
    this.#parts.log.warn(
      {event: 'bus.down', bus: this.traffic.kind, ...describeError(error)},
      'the bus is not there: messages reach the clients of this process alone',
    )
  }

  held(): Iterable<Lease> {
    return this.#parts.presence.held()
  }

  changed(group: string, changes: readonly Lease[] | undefined): void {
    this.#parts.presence.changed(group, changes)
  }

  denied(denials: readonly Denial[]): void {
    this.#parts.denied(denials)
  }

  /** For a second at most, after the bus is back. */
  #hold(message: BusMessage, frame: Frame): void {
    this.#held.push([message, frame])
    this.#heldBytes += frame.size
    if (this.#heldBytes > mostHeld) this.#gaps.settle()
  }

  #release(): void {
    for (const [message, frame] of this.#held.splice(0)) this.#deliver(message, frame)
    this.#heldBytes = 0
  }

  #deliver({to, except = [], options}: BusMessage, frame: Frame): void {
    const isTooLong = this.#parts.hub.receive(to, except, frame, options)
    if (isTooLong) this.traffic.ignored.size += 1
  }

  async #publish(channel: string, message: Buffer): Promise<void> {
    if (this.#waitingMessages >= mostMessages || this.#waitingBytes + message.length > mostBytes)
      throw new BusError('publish: too much waits for the bus')
    this.#waitingMessages += 1
    this.#waitingBytes += message.length
    try {
      await this.#link!.publish(channel, message)
      this.traffic.published += 1
    } finally {
      this.#waitingMessages -= 1
      this.#waitingBytes -= message.length
    }
  }

  #failed(channel: string, error: unknown): void {
    this.traffic.failed += 1
    this.#gaps.lost(channel)
    this.#parts.log.error(
      {event: 'bus.publish', bus: this.traffic.kind, ...describeError(error)},
      'a message has not reached the other nodes',
    )
  }

  async #pay(denial: Denial): Promise<void> {
    if (!this.#link) return
    try {
      await this.#link.deny(denial)
      this.#owed.delete(denial.what)
    } catch (error) {
      this.#parts.log.error(
        {event: 'bus.deny', bus: this.traffic.kind, ...describeError(error)},
        'the other nodes have not heard who is revoked; they will when the bus is back',
      )
    }
  }
}

const yes = () => true
const no = () => false

function madeUpFor(): void {
  // Told by `down()`, and made up for before `up()`.
}
