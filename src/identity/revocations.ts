import {sealLifetime} from './seal.js'

/** Whose sockets end and whose proofs are refused: one browser's session, or a user wherever they are. */
export type Revoked = {readonly session: string} | {readonly user: string}

/** Milliseconds: as long as a seal holds, which is the longest of all proofs; more for clocks that differ, or a sealing under way. */
const memory = sealLifetime + 60_000

/**
 * What was issued and holds no more. Proofs are stateless, so this list is the only memory of a logout: kept until
 * the proofs would have expired by themselves. In this process; a restart forgets it.
 */
export class Revocations {
  readonly #sessions: Remembered<true>
  readonly #users: Remembered<{readonly at: number; readonly order: number}>
  readonly #now: () => number
  #count = 0
  /** Told each revocation, to end the sockets. */
  onRevoke: (revoked: Revoked) => void = () => undefined

  /** @param now milliseconds since the epoch; tests hand in their own clock */
  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#sessions = new Remembered(memory, now)
    this.#users = new Remembered(memory, now)
  }

  revoke(revoked: Revoked): void {
    if ('session' in revoked) this.#sessions.set(copyOf(revoked.session), true)
    else this.#users.set(revoked.user, {at: this.issueTime(revoked.user), order: (this.#count += 1)})
    this.onRevoke(revoked)
  }

  hasSession(session: string): boolean {
    return this.#sessions.get(session) === true
  }

  /** @param since when the user logged in */
  hasUser(user: string, since: number): boolean {
    return since <= (this.#users.get(user)?.at ?? 0)
  }

  /** What is found out from here on is told by `hasUserAfter()` from what was found out before. */
  get mark(): number {
    return this.#count
  }

  /** Whether a user was revoked after a mark, in the order of events: a millisecond holds many of them. */
  hasUserAfter(user: string, mark: number): boolean {
    return (this.#users.get(user)?.order ?? 0) > mark
  }

  /** Now; later than the user's last revocation, also within its millisecond: logging in anew works. */
  issueTime(user: string): number {
    return Math.max(this.#now(), (this.#users.get(user)?.at ?? 0) + 1)
  }
}

/** Cut out of a `Cookie` header, a session would keep all 16 KiB of that in memory for as long as it is remembered. */
function copyOf(session: string): string {
  return Buffer.from(session, 'latin1').toString('latin1')
}

/**
 * Entries of one lifetime age in the order they came: forgetting looks at the oldest few, and needs no timer. It does
 * so a thousand times a lifetime at most: a map steps over every entry deleted before its first one.
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
