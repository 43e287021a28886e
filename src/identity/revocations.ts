import {sealLifetime} from './seal.js'

/** What is revoked: the session of one browser, or a user, in every browser. */
export type Revoked = {readonly session: string} | {readonly user: string}

/**
 * Milliseconds that a revocation is remembered: as long as a seal holds, since everything else expires sooner, and a minute
 * more, for clocks that differ and for seals that are just being made.
 */
const memory = sealLifetime + 60_000

/** A revocation as the nodes of an app tell it to each other. */
export interface Denied {
  /** Who, and since when, in JSON. */
  readonly what: string
  /** Milliseconds since the epoch, when it is forgotten. */
  readonly until: number
}

/** Whose sessions end, as the author says it. @throws TypeError */
export function revokedBy(whose: {session?: unknown; user?: unknown} | null | undefined): Revoked {
  const {session, user} = whose ?? {}
  if (typeof session === 'string' && session !== '' && user === undefined) return {session}
  const isKey = Number.isFinite(user) || (typeof user === 'string' && user !== '')
  if (isKey && session === undefined) return {user: String(user)}
  throw new TypeError('revoke() takes {session}, the value of a session cookie, or {user}, the id of a user')
}

/**
 * The revoked sessions and users. Sessions, tokens and seals are not stored anywhere, so this list is all that remembers
 * a logout. An entry is kept until what it refuses would have expired by itself. The list is in this process; a bus
 * tells it to the other nodes, and to those that come later. Without one, a restart forgets it.
 */
export class Revocations {
  readonly #sessions: Remembered<true>
  readonly #users: Remembered<{readonly at: number; readonly order: number}>
  readonly #now: () => number
  #count = 0
  /** Called for each revocation, to close the sockets. */
  onRevoke: (revoked: Revoked) => void = () => undefined
  /** Called for each that was made here, to tell the other nodes. */
  onMade: (denied: Denied) => void = () => undefined

  /** @param now milliseconds since the epoch; tests hand in their own clock */
  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#sessions = new Remembered(memory, now)
    this.#users = new Remembered(memory, now)
  }

  revoke(revoked: Revoked): void {
    const at = 'session' in revoked ? this.#now() : this.issueTime(revoked.user)
    this.#remember(revoked, at)
    const whose = 'session' in revoked ? {session: revoked.session} : {user: revoked.user}
    this.onMade({what: JSON.stringify({...whose, at}), until: this.#now() + memory})
  }

  /** What another node has revoked. What is none of ours is ignored: it comes over a bus. */
  learn({what}: Denied): void {
    const denied = readDenied(what)
    if (!denied) return
    const {revoked, at} = denied
    const isKnown = 'session' in revoked ? this.hasSession(revoked.session) : this.hasUser(revoked.user, at)
    if (!isKnown && at + memory > this.#now()) this.#remember(revoked, at)
  }

  #remember(revoked: Revoked, at: number): void {
    if ('session' in revoked) this.#sessions.set(copyOf(revoked.session), true)
    else this.#users.set(revoked.user, {at, order: (this.#count += 1)})
    this.onRevoke(revoked)
  }

  /** Whether any user was revoked, of late: where none was, no cookie has to be opened to find out whose it is. */
  get hasUsers(): boolean {
    return this.#users.size > 0
  }

  hasSession(session: string): boolean {
    return this.#sessions.get(session) === true
  }

  /** @param since when the user logged in */
  hasUser(user: string, since: number): boolean {
    return since <= (this.#users.get(user)?.at ?? 0)
  }

  /** The number of user revocations so far: read it before asking who a user is, then give it to `hasUserAfter()`. */
  get mark(): number {
    return this.#count
  }

  /** Whether a user was revoked after a mark. By count and not by time, since one millisecond holds many events. */
  hasUserAfter(user: string, mark: number): boolean {
    return (this.#users.get(user)?.order ?? 0) > mark
  }

  /** The time of a login: now, but always after the user's last revocation, so that logging in within its millisecond works. */
  issueTime(user: string): number {
    return Math.max(this.#now(), (this.#users.get(user)?.at ?? 0) + 1)
  }
}

function readDenied(what: string): {revoked: Revoked; at: number} | undefined {
  try {
    const {session, user, at} = JSON.parse(what) as {session?: unknown; user?: unknown; at?: unknown}
    return Number.isFinite(at) ? {revoked: revokedBy({session, user}), at: at as number} : undefined
  } catch {
    return undefined
  }
}

/** Cut out of a `Cookie` header, a session would keep all 16 KiB of that in memory for as long as it is remembered. */
function copyOf(session: string): string {
  return Buffer.from(session, 'latin1').toString('latin1')
}

/**
 * A map that forgets its entries after a time. All are kept equally long, so the oldest come first, and `set()` drops the
 * expired ones from the front: there is no timer. It does that at most a thousand times per lifetime, because looking for a
 * map's first entry steps over every entry deleted before it.
 */
class Remembered<V> {
  readonly #entries = new Map<string, {readonly value: V; readonly until: number}>()
  readonly #lifetime: number
  readonly #now: () => number
  #forgetAt = 0

  constructor(lifetime: number, now: () => number) {
    this.#lifetime = lifetime
    this.#now = now
  }

  /** Expired ones included. */
  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.until > this.#now() ? entry.value : undefined
  }

  set(key: string, value: V): void {
    const now = this.#now()
    if (now >= this.#forgetAt) this.#forget(now)
    this.#entries.delete(key)
    this.#entries.set(key, {value, until: now + this.#lifetime})
  }

  #forget(now: number): void {
    this.#forgetAt = now + this.#lifetime / 1_000
    for (const [oldest, {until}] of this.#entries) {
      if (until > now) return
      this.#entries.delete(oldest)
    }
  }
}
