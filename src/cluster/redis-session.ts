import type {
  Argument,
  Hear,
  RedisCommands,
  RedisMaster,
  RedisSource,
  RedisSubscriber,
} from './redis-client.js'
import {RedisSlots} from './redis-slots.js'

interface Owned {
  /** In a cluster, the server's. */
  readonly id: string
  readonly subscriber: RedisSubscriber
}

/**
 * The connections of one node, from when they are made until one of them is lost: then all are closed, and the next session begins
 * from nothing. So nothing depends on what a library makes good by itself, nor does a command go out twice.
 */
export class RedisSession {
  readonly #commands: RedisCommands
  readonly #hear: Hear
  readonly #lost: (error: Error) => void
  #subscribers: readonly Owned[] = []
  /** In a cluster. */
  #slots: RedisSlots | undefined
  /** A channel is known to the server only that has its slot. In a cluster whose servers all can do so. */
  #isSharded = false
  #isClosed = false

  constructor(source: RedisSource, hear: Hear, lost: (error: Error) => void) {
    this.#hear = hear
    this.#lost = error => this.#isClosed || lost(error)
    this.#commands = source.open(this.#lost)
  }

  async open(): Promise<void> {
    await this.#commands.connect()
    const masters = await this.#commands.masters()
    if (!this.#commands.isCluster) {
      this.#subscribers = [await this.#subscriberAt(masters[0]!)]
      return
    }
    const subscribers = await Promise.all(masters.map(master => this.#subscriberAt(master)))
    this.#slots = new RedisSlots(await subscribers[0]?.subscriber.send(['CLUSTER', 'SLOTS']))
    const known = await Promise.all(
      subscribers.map(({subscriber}) => subscriber.send(['COMMAND', 'INFO', 'SSUBSCRIBE'])),
    )
    this.#isSharded = known.every(reply => Array.isArray(reply) && Array.isArray(reply[0]))
    this.#subscribers = subscribers
  }

  /** Every connection that is waited for. */
  async ping(key: string): Promise<void> {
    const pings = this.#subscribers.map(({subscriber}) => subscriber.send(['PING']))
    await Promise.all([this.send(key, ['EXISTS', key]), ...pings, this.#checkSlots()])
  }

  send(key: string, command: readonly Argument[]): Promise<unknown> {
    return this.#commands.send(key, command)
  }

  publish(name: string, message: string | Buffer): Promise<unknown> {
    return this.#commands.send(name, [this.#isSharded ? 'SPUBLISH' : 'PUBLISH', name, message])
  }

  async subscribe(names: readonly string[]): Promise<void> {
    if (this.#isSharded)
      await Promise.all(names.map(name => this.#subscriberOf(name).subscribe([name], true)))
    else if (names[0] !== undefined) await this.#subscriberOf(names[0]).subscribe(names, false)
  }

  async unsubscribe(name: string): Promise<void> {
    await this.#subscriberOf(name).unsubscribe(name, this.#isSharded)
  }

  close(): void {
    this.#isClosed = true
    this.#commands.close()
    for (const {subscriber} of this.#subscribers) subscriber.close()
  }

  async #subscriberAt(master: RedisMaster): Promise<Owned> {
    const subscriber = master(this.#hear, this.#lost)
    // Closed while it is opened.
    if (this.#isClosed) throw new Error('closed')
    this.#subscribers = [...this.#subscribers, {id: '', subscriber}]
    await subscriber.connect()
    const id = this.#commands.isCluster ? String(await subscriber.send(['CLUSTER', 'MYID'])) : ''
    return {id, subscriber}
  }

  #subscriberOf(name: string): RedisSubscriber {
    const owner = this.#isSharded ? this.#slots?.ownerOf(name) : this.#subscribers[0]?.id
    const owned = this.#subscribers.find(({id}) => id === owner)
    if (!owned) throw new Error('the cluster has no server for a slot')
    return owned.subscriber
  }

  /** Whoever has moved a slot does not tell those who subscribe there with an old server or library. */
  async #checkSlots(): Promise<void> {
    if (!this.#slots) return
    const now = new RedisSlots(await this.#commands.send('slots', ['CLUSTER', 'SLOTS']))
    if (now.words !== this.#slots.words) this.#lost(new Error('the cluster has moved slots'))
  }
}
