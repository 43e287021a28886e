import {setImmediate} from 'node:timers/promises'
import {
  asBusError,
  BusError,
  inTime,
  type BusLink,
  type BusNode,
  type Denial,
  type Lease,
} from '../rooms/bus.js'
import {Replica} from '../rooms/replica.js'
import {Health} from './health.js'
import type {NatsConnection, NatsSource, NatsSubscription} from './nats-connection.js'
import {NatsFlushes} from './nats-flushes.js'

export interface NatsLinkOptions {
  readonly node: BusNode
  readonly source: NatsSource
  readonly prefix: string
  readonly leaseTime: number
}

/** A node on NATS, which has nothing but messages: leases and denials are the replica's. */
export class NatsLink implements BusLink {
  readonly #node: BusNode
  readonly #source: NatsSource
  readonly #prefix: string
  readonly #replica: Replica
  readonly #health: Health
  /** What is to be heard, and how it is, where it is. */
  readonly #channels = new Map<string, NatsSubscription | undefined>()
  #connection: NatsConnection | undefined
  #flushes: NatsFlushes | undefined
  /** What the server has not permitted since it was last asked. */
  #refused: BusError | undefined
  #closing: Promise<void> | undefined

  constructor({node, source, prefix, leaseTime}: NatsLinkOptions) {
    this.#node = node
    this.#source = source
    this.#prefix = prefix
    this.#replica = new Replica({node, leaseTime, send: (channel, message) => this.#send(channel, message)})
    for (const channel of this.#replica.channels) this.#channels.set(channel, undefined)
    this.#health = new Health({
      probe: () => this.#flushed(),
      restore: () => this.#restore(),
      up: () => {
        if (!this.#closing) node.up()
      },
      down: error => this.#down(error),
    })
    this.#health.begin()
    source.open(
      connection => this.#take(connection),
      error => this.#health.lost(new BusError(`NATS: ${asBusError(error, 'connect').message}`)),
    )
  }

  publish(channel: string, message: Uint8Array): Promise<void> {
    if (!this.#isUp) return Promise.reject(this.#isDown('publish'))
    return this.#send(channel, message)
  }

  async subscribe(channel: string): Promise<void> {
    if (this.#closing) throw this.#isDown('subscribe')
    if (!this.#channels.get(channel)) this.#open(channel)
    if (!this.#isUp) throw this.#isDown('subscribe')
    await this.#flushed()
    // Neither given up meanwhile, nor there.
    if (!this.#channels.has(channel) || this.#channels.get(channel)) return
    this.#channels.delete(channel)
    throw this.#refused ?? this.#isDown('subscribe')
  }

  /** Nothing is heard any more from this moment on: no answer is needed. */
  async unsubscribe(channel: string): Promise<void> {
    if (this.#closing) throw this.#isDown('unsubscribe')
    this.#channels.get(channel)?.unsubscribe()
    this.#channels.delete(channel)
  }

  async hold(changes: readonly Lease[]): Promise<void> {
    if (!this.#isUp) throw this.#isDown('hold')
    await this.#replica.hold(changes)
  }

  /** With all that the server had accepted before: what it had sent on before it answers is heard. */
  async leases(group: string): Promise<readonly Lease[]> {
    if (!this.#isUp) throw this.#isDown('leases')
    await this.#flushed()
    return this.#replica.leases(group)
  }

  async watch(group: string): Promise<void> {
    if (this.#closing) throw this.#isDown('watch')
    this.#replica.watch(group)
  }

  async unwatch(group: string): Promise<void> {
    if (this.#closing) throw this.#isDown('unwatch')
    this.#replica.unwatch(group)
  }

  /** Remembered while the bus is down as well: the other nodes ask for it when it is back. */
  async deny(denial: Denial): Promise<void> {
    if (this.#closing) throw this.#isDown('deny')
    const isTold = this.#replica.deny(denial)
    if (this.#isUp) return isTold
    await isTold.catch(() => undefined)
    throw this.#isDown('deny')
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  get #isUp(): boolean {
    return !this.#closing && this.#health.isUp
  }

  async #close(): Promise<void> {
    for (const subscription of this.#channels.values()) subscription?.unsubscribe()
    this.#channels.clear()
    await this.#replica.end().catch(() => undefined)
    this.#health.end()
    // It says goodbye to a server that may be gone.
    await inTime(this.#source.close(), 'close').catch(() => undefined)
  }

  #take(connection: NatsConnection): void {
    this.#connection = connection
    this.#flushes = new NatsFlushes(connection, flush => this.#health.step(flush, 'NATS'))
    for (const channel of this.#channels.keys()) this.#channels.set(channel, undefined)
    void this.#follow(connection)
    void connection.closed().then(() => this.#lost(connection))
    if (connection.isClosed()) this.#lost(connection)
    else this.#health.check()
  }

  /** The library tells what it does, and does it by itself. */
  async #follow(connection: NatsConnection): Promise<void> {
    for await (const {type, error} of connection.status()) {
      if (this.#closing || connection !== this.#connection) return
      if (type === 'disconnect') this.#health.lost(new BusError('NATS: disconnected'))
      else if (type === 'reconnect') this.#health.check()
      else if (type === 'error' && isRefusedPublish(error, this.#prefix)) this.#refuse(error)
    }
  }

  #lost(connection: NatsConnection): void {
    if (connection === this.#connection) this.#health.lost(this.#isDown('NATS'))
  }

  async #restore(): Promise<void> {
    this.#refused = undefined
    try {
      for (const [channel, subscription] of this.#channels) if (!subscription) this.#open(channel)
      await this.#replica.begin()
      // What the server does not permit it says before it answers, and the library a little after.
      await setImmediate()
      if (this.#refused) throw this.#refused as BusError
    } catch (error) {
      this.#replica.lost()
      throw error
    }
  }

  #down(error: Error): void {
    this.#replica.lost()
    if (!this.#closing) this.#node.down(error)
  }

  /** Where it cannot be opened now, it will be when the bus is restored. */
  #open(channel: string): void {
    this.#channels.set(channel, undefined)
    const connection = this.#connection
    if (!connection || connection.isClosed()) return
    const isControl = this.#replica.channels.includes(channel)
    const subscription = connection.subscribe(`${this.#prefix}.${channel}`, {
      callback: (error, message) => {
        if (this.#channels.get(channel) !== subscription) return
        if (error) {
          this.#channels.set(channel, undefined)
          this.#refuse(error)
          return
        }
        const {buffer, byteOffset, length} = message.data
        if (isControl) this.#replica.hear(message.data)
        else this.#node.hear(channel, Buffer.from(buffer, byteOffset, length))
      },
    })
    this.#channels.set(channel, subscription)
  }

  #refuse(error: Error): void {
    this.#refused = new BusError(`NATS refuses: ${error.message}`)
  }

  #send(channel: string, message: Uint8Array): Promise<void> {
    const most = this.#connection?.info?.max_payload
    if (most === undefined) return Promise.reject(this.#isDown('publish'))
    if (message.length > most) return Promise.reject(tooLong(message.length, most))
    // Asked for before it is sent, so that the question leaves together with it.
    const flushed = this.#flushed()
    try {
      this.#connection!.publish(`${this.#prefix}.${channel}`, message)
    } catch (error) {
      return Promise.reject(asBusError(error, 'publish'))
    }
    return flushed
  }

  #flushed(): Promise<void> {
    return this.#flushes?.next ?? Promise.reject(new BusError('NATS: not connected'))
  }

  #isDown(what: string): BusError {
    if (this.#closing) return new BusError(`${what}: the bus is closed`)
    if (this.#connection?.isClosed())
      return new BusError(
        `${what}: the NATS connection is closed, for good; with maxReconnectAttempts: -1 it would go on trying`,
      )
    return new BusError(`${what}: the bus is down`)
  }
}

function tooLong(length: number, most: number): BusError {
  return new BusError(
    `publish: a message of ${length} bytes is longer than the server's max_payload, ${most}`,
  )
}

/** NATS does not answer a message: that it was not permitted comes as an error of the connection. */
function isRefusedPublish(error: Error | undefined, prefix: string): error is Error {
  return (
    error !== undefined &&
    'operation' in error &&
    error.operation === 'publish' &&
    'subject' in error &&
    String(error.subject).startsWith(`${prefix}.`)
  )
}
