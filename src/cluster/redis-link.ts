import type {BusLink, BusNode, Denial, Lease} from '../rooms/bus.js'
import {Health} from './health.js'
import type {RedisSource} from './redis-client.js'
import {RedisDenials} from './redis-denials.js'
import {RedisLeases} from './redis-leases.js'
import type {RedisNames} from './redis-names.js'
import {RedisSession} from './redis-session.js'

/** Channels in one command. */
const together = 1_000

/** Milliseconds until the next try, at most. Not all nodes come at the same moment. */
const longestWait = 500

/** One node on Redis. */
export class RedisLink implements BusLink {
  readonly #source: RedisSource
  readonly #names: RedisNames
  readonly #node: BusNode
  readonly #health: Health
  readonly #leases: RedisLeases
  readonly #denials: RedisDenials
  /** What is subscribed to: channels of messages, and of groups that are watched. */
  readonly #wanted = new Set<string>()
  #session: RedisSession | undefined
  /** The session has answered what it was last asked. */
  #hasAnswered = false
  #retry: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(source: RedisSource, names: RedisNames, node: BusNode, leaseTime: number) {
    this.#source = source
    this.#names = names
    this.#node = node
    this.#health = new Health({
      probe: () => this.#probe(),
      restore: () => this.#restore(),
      restoresInSteps: true,
      up: () => this.#up(),
      down: error => this.#down(error),
    })
    this.#leases = new RedisLeases(names, node, this.#health, leaseTime)
    this.#denials = new RedisDenials(names, denials => {
      if (!this.#closing) node.denied(denials)
    })
    this.#health.begin()
    this.#health.check()
  }

  publish(channel: string, message: Uint8Array): Promise<void> {
    const bytes = Buffer.isBuffer(message)
      ? message
      : Buffer.from(message.buffer, message.byteOffset, message.byteLength)
    return this.#ask(session => session.publish(this.#names.message(channel), bytes), 'publish')
  }

  subscribe(channel: string): Promise<void> {
    return this.#follow(this.#names.message(channel))
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#unfollow(this.#names.message(channel))
  }

  hold(changes: readonly Lease[]): Promise<void> {
    if (!this.#health.isUp) this.#leases.missed(changes)
    return this.#ask(session => this.#leases.hold(session, changes), 'hold')
  }

  leases(group: string): Promise<readonly Lease[]> {
    return this.#ask(session => this.#leases.all(session, group), 'leases')
  }

  watch(group: string): Promise<void> {
    return this.#follow(this.#names.watch(group))
  }

  unwatch(group: string): Promise<void> {
    return this.#unfollow(this.#names.watch(group))
  }

  deny(denial: Denial): Promise<void> {
    return this.#ask(session => this.#denials.deny(session, denial), 'deny')
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    if (this.#session && this.#health.isUp) await this.#leases.end(this.#session).catch(() => undefined)
    this.#health.end()
    this.#drop()
    clearTimeout(this.#retry)
  }

  #ask<T>(what: (session: RedisSession) => Promise<unknown>, words: string): Promise<T> {
    // While it is up there is a session.
    return this.#health.ask(() => what(this.#session!), words) as Promise<T>
  }

  #follow(name: string): Promise<void> {
    this.#wanted.add(name)
    return this.#now(session => session.subscribe([name]), 'subscribe')
  }

  #unfollow(name: string): Promise<void> {
    this.#wanted.delete(name)
    return this.#now(session => session.unsubscribe(name), 'unsubscribe')
  }

  /** What is wanted is restored when the bus comes up; while it is just being restored, it may have been too late for that. */
  #now(what: (session: RedisSession) => Promise<void>, words: string): Promise<void> {
    const session = this.#session
    if (!this.#health.isUp && session) what(session).catch(() => undefined)
    return this.#ask(what, words)
  }

  async #probe(): Promise<void> {
    if (this.#session && !this.#hasAnswered) this.#drop()
    this.#hasAnswered = false
    let session = this.#session
    try {
      if (!session) {
        session = this.#begin()
        await session.open()
      }
      await session.ping(this.#names.owners)
      if (session === this.#session) this.#hasAnswered = true
    } catch (error) {
      if (session) this.#lost(session, error)
      throw error
    }
  }

  #begin(): RedisSession {
    const session: RedisSession = new RedisSession(
      this.#source,
      (name, message) => session === this.#session && this.#hear(name, message),
      error => this.#lost(session, error),
    )
    this.#session = session
    return session
  }

  async #restore(): Promise<void> {
    const session = this.#session
    if (!session) throw new Error('the connection has ended')
    try {
      // First: what is told while the rest is read is heard.
      await this.#subscribe(session)
      await this.#leases.restore(session)
      await this.#denials.restore(session, command => this.#health.step(command, 'denials'))
    } catch (error) {
      // Whoever refuses, a replica say, is not who is looked for: another connection may find that one.
      this.#lost(session, error)
      throw error
    }
  }

  async #subscribe(session: RedisSession): Promise<void> {
    const {denied} = this.#names
    const names = [denied, ...this.#wanted]
    for (let from = 0; from < names.length; from += together) {
      const some = names
        .slice(from, from + together)
        .filter(name => this.#wanted.has(name) || name === denied)
      await this.#health.step(() => session.subscribe(some), 'subscribe')
    }
  }

  #up(): void {
    if (this.#closing) return
    this.#leases.begin(this.#session!)
    this.#node.up()
    // Nobody has told of what has changed meanwhile.
    for (const name of this.#wanted) {
      const {group} = this.#names.read(name)
      if (group !== undefined) this.#node.changed(group, undefined)
    }
  }

  #down(error: Error): void {
    this.#drop()
    this.#tryAgain()
    if (!this.#closing) this.#node.down(error)
  }

  #lost(session: RedisSession, error: unknown): void {
    if (session !== this.#session) return
    this.#drop()
    this.#health.lost(error)
    this.#tryAgain()
  }

  #drop(): void {
    const session = this.#session
    this.#session = undefined
    this.#leases.pause()
    session?.close()
  }

  #tryAgain(): void {
    clearTimeout(this.#retry)
    const wait = longestWait * (0.1 + 0.9 * Math.random())
    this.#retry = setTimeout(() => this.#health.check(), wait).unref()
  }

  #hear(name: string, message: Buffer): void {
    if (this.#closing) return
    if (name === this.#names.denied) return this.#denials.hear(message)
    if (!this.#wanted.has(name)) return
    const {channel, group} = this.#names.read(name)
    if (channel !== undefined) this.#node.hear(channel, message)
    else if (group !== undefined) this.#leases.hear(group, message)
  }
}
