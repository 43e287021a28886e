import {busOf} from './boot/bus.js'
import {randomId} from './random.js'
import {Audience, type Deliver} from './rooms/audience.js'
import {BusError, busTimeout, type Bus, type BusLink, type BusNode} from './rooms/bus.js'
import {encodeMessage} from './rooms/bus-message.js'
import {channelsOf} from './rooms/channels.js'
import {encode, type SendOptions} from './rooms/frame.js'

export interface EmitterOptions {
  /** That of the app: `'redis://...'`, `'nats://...'`, `redisBus()`, ... Default: `CANDY_BUS`. */
  bus?: string | Bus
}

/** Sends to the clients of an app from a process that serves none. */
export class Emitter {
  readonly #link: BusLink
  readonly #id: string
  #count = 0

  /** @internal */
  constructor(id: string, link: BusLink) {
    this.#id = id
    this.#link = link
  }

  /** Sends to everyone in a room. Resolves and rejects as `to().send()`. @throws CandyError `ROOM`; TypeError */
  toRoom(room: string, data: unknown, options?: SendOptions): Promise<void> {
    return this.to(room).send(data, options)
  }

  /**
   * Everyone in any of the rooms, once each. `send()` resolves once the bus has accepted the message, which is not delivered yet,
   * and rejects with a `BusError` within 2 s if it has not.
   *
   * @throws CandyError `ROOM`
   */
  to(...rooms: string[]): Audience<Promise<void>> {
    return new Audience(this.#deliver, {rooms})
  }

  /** Every connection of a user. @param id the user's `id` */
  toUser(id: string | number): Audience<Promise<void>> {
    return new Audience(this.#deliver, {user: String(id)})
  }

  /** Sends to every connection of the app. */
  broadcast(data: unknown, options?: SendOptions): Promise<void> {
    return this.#deliver({everyone: true}, [], encode(data), options)
  }

  /** Disconnects from the bus; a client of yours stays open. */
  close(): Promise<void> {
    return this.#link.close()
  }

  readonly #deliver: Deliver<Promise<void>> = async (to, except, frame, options) => {
    const channels = channelsOf(to)
    const id = channels.length > 1 ? (this.#count += 1).toString(36) : undefined
    const message = encodeMessage({from: this.#id, to, except, options, id, frame})
    await Promise.all(channels.map(channel => this.#link.publish(channel, message)))
  }
}

/**
 * Connects to the bus of an app, to send from outside: from a worker, a cron job, another service.
 *
 * @throws BusError if the bus is not there within 2 s
 * @throws BootError `INVALID_OPTION` without a bus, `MISSING_PACKAGE` without a client for it
 *
 * @example
 * ```ts
 * const emitter = await createEmitter({bus: 'redis://127.0.0.1:6379'})
 * await emitter.to('lobby').send({type: 'news', text: 'hi'})
 * ```
 */
export async function createEmitter({bus: given}: EmitterOptions = {}): Promise<Emitter> {
  const bus = await busOf(given)
  if (!bus)
    throw new BusError("createEmitter() takes a bus: createEmitter({bus: 'redis://...'}), or set CANDY_BUS")
  const id = randomId()
  const node = new Outsider(id)
  const link = bus.connect(node)
  try {
    await node.there(bus.kind)
    return new Emitter(id, link)
  } catch (error) {
    await link.close()
    throw error
  }
}

/** A node without clients: it hears nothing and holds nothing. */
class Outsider implements BusNode {
  readonly id: string
  #isUp = false
  #why: Error | undefined
  #told: (() => void) | undefined

  constructor(id: string) {
    this.id = id
  }

  /** Resolves when the bus is. @throws BusError if it takes too long */
  async there(kind: string): Promise<void> {
    if (this.#isUp) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#told = resolve
      timer = setTimeout(resolve, busTimeout)
    })
    clearTimeout(timer)
    if (this.#isUp) return
    const why = this.#why ? `: ${this.#why.message}` : ''
    throw new BusError(`the bus, ${kind}, is not there within ${busTimeout} ms${why}`, {cause: this.#why})
  }

  up(): void {
    this.#isUp = true
    this.#told?.()
  }

  down(error: Error): void {
    this.#isUp = false
    this.#why = error
  }

  hear(): void {
    // It subscribes to nothing.
  }

  held(): [] {
    return []
  }

  changed(): void {
    // It watches nobody.
  }

  denied(): void {
    // It lets nobody in.
  }
}
