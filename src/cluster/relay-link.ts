import {BusError, leaseTime, type BusLink, type BusNode, type Denial, type Lease} from '../rooms/bus.js'
import {encode} from '../rooms/replica-message.js'
import {Replica} from '../rooms/replica.js'
import {Health} from './health.js'
import type {FromRelay, ToRelay} from './relay-message.js'

/** What leads to the relay. */
export interface RelayChannel {
  /** @param done is called when it is on its way, or cannot be sent */
  send(message: ToRelay, done: (error: Error | null) => void): void
  /** @returns a function that ends it */
  listen(hear: (message: FromRelay) => void): () => void
}

/** Bytes that may wait for the primary: it takes them at once, or it is stuck. */
const maxWaiting = 16 * 1024 * 1024

/** What one node says to the relay, without what is the same each time. */
type Said<T = ToRelay> = T extends unknown ? Omit<T, 'candy' | 'node'> : never
type Asked<T = ToRelay> = T extends {readonly ask: number} ? Omit<T, 'candy' | 'node' | 'ask'> : never

/** A node on the relay of the primary. */
export class RelayLink implements BusLink {
  readonly #channel: RelayChannel
  readonly #node: BusNode
  readonly #replica: Replica
  readonly #health: Health
  readonly #channels = new Set<string>()
  readonly #deaf: () => void
  /** Questions that are not answered yet. */
  readonly #asked = new Map<number, () => void>()
  #lastAsked = 0
  #waiting = 0
  #isClosed = false

  constructor(channel: RelayChannel, node: BusNode) {
    this.#channel = channel
    this.#node = node
    const send = (channel: string, message: Uint8Array) => this.#say({act: 'publish', channel, message})
    this.#replica = new Replica({node, leaseTime, send})
    this.#health = new Health({
      probe: () => this.#ask({act: 'ping'}),
      restore: async () => {
        await this.#ask({act: 'open', channels: [...this.#replica.channels, ...this.#channels]})
        await this.#replica.begin()
      },
      up: () => this.#node.up(),
      down: error => {
        this.#asked.clear()
        this.#replica.lost()
        this.#node.down(error)
      },
    })
    this.#deaf = channel.listen(message => this.#hear(message))
    this.#health.begin()
    this.#health.check()
  }

  publish(channel: string, message: Uint8Array): Promise<void> {
    return this.#health.ask(() => this.#say({act: 'publish', channel, message}), 'publish')
  }

  subscribe(channel: string): Promise<void> {
    this.#channels.add(channel)
    return this.#health.ask(() => this.#ask({act: 'subscribe', channel}), 'subscribe')
  }

  unsubscribe(channel: string): Promise<void> {
    this.#channels.delete(channel)
    return this.#health.ask(() => this.#ask({act: 'unsubscribe', channel}), 'unsubscribe')
  }

  hold(changes: readonly Lease[]): Promise<void> {
    return this.#health.ask(() => this.#replica.hold(changes), 'hold')
  }

  leases(group: string): Promise<readonly Lease[]> {
    return this.#health.ask(async () => this.#replica.leases(group), 'leases')
  }

  async watch(group: string): Promise<void> {
    this.#replica.watch(group)
  }

  async unwatch(group: string): Promise<void> {
    this.#replica.unwatch(group)
  }

  deny(denial: Denial): Promise<void> {
    return this.#health.ask(() => this.#replica.deny(denial), 'deny')
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#health.end()
    this.#deaf()
    // Nobody waits for a primary that is stuck.
    void this.#replica.end().catch(() => undefined)
    void this.#say({act: 'close'}).catch(() => undefined)
  }

  #hear(message: FromRelay): void {
    if (message.node !== this.#node.id) return
    if (message.told === 'message') return this.#take(message.channel, bufferOf(message.message))
    // It says so later: at the end of its lease time.
    if (message.told === 'gone') return this.#replica.hear(encode({kind: 'bye', from: message.gone}))
    if (message.told === 'done') {
      this.#asked.get(message.ask)?.()
      return void this.#asked.delete(message.ask)
    }
    this.#health.lost(new BusError('this worker has not taken what was sent to it: messages were dropped'))
    this.#health.check()
  }

  #take(channel: string, message: Buffer): void {
    if (this.#replica.channels.includes(channel)) this.#replica.hear(message)
    else if (this.#channels.has(channel)) this.#node.hear(channel, message)
  }

  #ask(question: Asked): Promise<void> {
    const ask = (this.#lastAsked += 1)
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, resolve)
      this.#say({...question, ask}).catch(reject)
    })
  }

  /** Resolves once it is on its way: what the primary is given, it takes. */
  #say(said: Said): Promise<void> {
    const size = said.act === 'publish' ? said.message.byteLength : 0
    if (this.#waiting > maxWaiting) return Promise.reject(new BusError('the primary takes no more'))
    this.#waiting += size
    return new Promise((resolve, reject) => {
      this.#channel.send({candy: 'relay', node: this.#node.id, ...said}, error => {
        this.#waiting -= size
        if (error) reject(error)
        else resolve()
      })
    })
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
