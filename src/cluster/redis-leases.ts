import {randomBytes} from 'node:crypto'
import {BusError, renewShare, type BusNode, type Lease} from '../rooms/bus.js'
import type {Health} from './health.js'
import type {RedisNames} from './redis-names.js'
import {clearOwner, hashOf, livingOwners, renewOwner, type Renewal} from './redis-owner.js'
import type {RedisSession} from './redis-session.js'

/** Leases that are written at a time. */
const together = 1_000

/**
 * A node's leases in Redis: a hash for each group, and one time for all that a node holds. They are an owner's, which is the node from
 * when it comes until it is taken for dead: when it was away for too long it comes back as another, and nobody who clears up after the first touches
 * what it holds now.
 */
export class RedisLeases {
  readonly #names: RedisNames
  readonly #node: BusNode
  readonly #health: Health
  /** Milliseconds that an owner lives without being renewed. The rest of the lease time is for others to notice. */
  readonly #life: number
  readonly #pace: number
  #owner: string
  /** What Redis has of it, as far as is known: group to ids. */
  readonly #stored = new Map<string, Set<string>>()
  /** What is asked for while everything is being restored. */
  #late: Lease[] | undefined
  #session: RedisSession | undefined
  #renewal: NodeJS.Timeout | undefined
  #look: NodeJS.Timeout | undefined

  constructor(names: RedisNames, node: BusNode, health: Health, leaseTime: number) {
    this.#names = names
    this.#node = node
    this.#health = health
    this.#life = Math.ceil(leaseTime * 0.9)
    this.#pace = Math.ceil(leaseTime * renewShare)
    this.#owner = ownerOf(node)
  }

  /** Before the bus is up: everything that the node holds, and nothing else. */
  async restore(session: RedisSession): Promise<void> {
    const late: Lease[] = (this.#late = [])
    if (!(await this.#renew(session, false)).lives) {
      // Redis has forgotten it, or others have taken it for dead.
      this.#owner = ownerOf(this.#node)
      await this.#renew(session, true)
    }
    const gone = new Map([...this.#stored].map(([group, ids]) => [group, new Set(ids)]))
    const held = [...this.#node.held()]
    for (const {group, id} of held) gone.get(group)?.delete(id)
    const released = [...gone].flatMap(([group, ids]) => [...ids].map(id => ({group, id, value: undefined})))
    await this.#store(session, [...held, ...released])
    while (late.length > 0) await this.#store(session, late.splice(0))
  }

  /** The bus is up. */
  begin(session: RedisSession): void {
    this.#session = session
    // Asked for between the end of restoring and now.
    if (this.#late?.length) void this.hold(session, this.#late).catch(() => undefined)
    this.#late = undefined
    this.#renewal = setInterval(() => void this.#check(), this.#pace).unref()
    void this.#check()
  }

  /** The bus is down. */
  pause(): void {
    this.#session = undefined
    this.#late = undefined
    clearInterval(this.#renewal)
    clearTimeout(this.#look)
  }

  /** Refused, since the bus is down: unless it is just being restored, `held()` will say it. */
  missed(changes: readonly Lease[]): void {
    this.#late?.push(...changes)
  }

  async hold(session: RedisSession, changes: readonly Lease[]): Promise<void> {
    // All at once: they are on their way together, and in the order of the calls.
    await Promise.all(this.#commands(session, changes))
  }

  async all(session: RedisSession, group: string): Promise<readonly Lease[]> {
    const [fields, living] = await Promise.all([
      hashOf(session, this.#names.leases(group)),
      livingOwners(session, this.#names),
    ])
    const leases = new Map<string, Lease>()
    for (const [field, value] of fields) {
      const end = field.indexOf(':')
      const id = field.slice(end + 1)
      if (living.has(field.slice(0, end))) leases.set(id, {group, id, value})
    }
    return [...leases.values()]
  }

  hear(group: string, message: Buffer): void {
    const changes = changesIn(message, group)
    if (changes !== 'foreign') this.#node.changed(group, changes)
  }

  /** Lets go of everything. */
  async end(session: RedisSession): Promise<void> {
    this.pause()
    const groups = this.#names.groups(this.#owner)
    const released = [...this.#stored].flatMap(([group, ids]) =>
      [...ids].map(id => ({group, id, value: undefined})),
    )
    await this.#store(session, released)
    await this.#health.step(() => session.send(groups, ['DEL', groups]), 'leases')
    const {owners} = this.#names
    await this.#health.step(() => session.send(owners, ['ZREM', owners, this.#owner]), 'leases')
  }

  /** In pieces, each of which may take as long as one answer may. */
  async #store(session: RedisSession, changes: readonly Lease[]): Promise<void> {
    for (let from = 0; from < changes.length; from += together)
      await this.#health.step(() => this.hold(session, changes.slice(from, from + together)), 'leases')
  }

  #commands(session: RedisSession, changes: readonly Lease[]): Promise<unknown>[] {
    const groups = new Map<string, Map<string, string | undefined>>()
    for (const {group, id, value} of changes) {
      const ids = groups.get(group)
      if (ids) ids.set(id, value)
      else groups.set(group, new Map([[id, value]]))
    }
    return [...groups].flatMap(([group, values]) => this.#change(session, group, values))
  }

  #change(
    session: RedisSession,
    group: string,
    values: ReadonlyMap<string, string | undefined>,
  ): Promise<unknown>[] {
    const key = this.#names.leases(group)
    const groups = this.#names.groups(this.#owner)
    const stored = this.#stored.get(group) ?? new Set()
    const sent: Promise<unknown>[] = []
    const pairs: string[] = []
    const gone: string[] = []
    for (const [id, value] of values) {
      const field = `${this.#owner}:${id}`
      if (value === undefined) gone.push(field)
      else pairs.push(field, value)
      if (value === undefined) stored.delete(id)
      else stored.add(id)
    }
    // Before the leases, so that who clears up finds them.
    if (pairs.length > 0) sent.push(session.send(groups, ['SADD', groups, group]))
    if (pairs.length > 0) sent.push(session.send(key, ['HSET', key, ...pairs]))
    if (gone.length > 0) sent.push(session.send(key, ['HDEL', key, ...gone]))
    sent.push(session.publish(this.#names.watch(group), JSON.stringify([...values])))
    if (stored.size > 0) this.#stored.set(group, stored)
    else if (this.#stored.delete(group)) sent.push(session.send(groups, ['SREM', groups, group]))
    return sent
  }

  async #renew(session: RedisSession, begins: boolean): Promise<Renewal> {
    return await this.#health.step(
      () => renewOwner(session, this.#names, this.#owner, this.#life, begins),
      'leases',
    )
  }

  /** Says that this node lives, and sees who does not: when it is time to, and when the first of all may be dead. */
  async #check(): Promise<void> {
    const session = this.#session
    if (!session) return
    try {
      const {lives, firstEnd, dead} = await this.#renew(session, false)
      if (this.#session !== session) return
      // It was stopped for longer than a lease lasts, and others have been told so.
      if (!lives) throw new BusError('leases: this node was away for too long')
      // Somebody else may be at it, and may die of it.
      this.#lookIn(dead.length > 0 ? Math.min(this.#life / 20, 1_000) : firstEnd)
      for (const owner of dead) void clearOwner(session, this.#names, owner).catch(() => undefined)
    } catch (error) {
      if (this.#session === session) this.#health.lost(error)
    }
  }

  #lookIn(ms: number | undefined): void {
    clearTimeout(this.#look)
    if (ms !== undefined) this.#look = setTimeout(() => void this.#check(), ms + 5).unref()
  }
}

function ownerOf(node: BusNode): string {
  return `${node.id}.${randomBytes(6).toString('base64url')}`
}

/** `undefined`: any may have changed. */
function changesIn(message: Buffer, group: string): readonly Lease[] | undefined | 'foreign' {
  try {
    const changes: unknown = JSON.parse(message.toString())
    if (changes === null) return undefined
    return (changes as unknown[]).map(change => {
      const [id, value] = change as unknown[]
      if (typeof id !== 'string' || !(value === null || value === undefined || typeof value === 'string'))
        throw new TypeError('foreign')
      return {group, id, value: value ?? undefined}
    })
  } catch {
    return 'foreign'
  }
}
