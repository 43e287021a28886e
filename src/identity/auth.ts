import {userKey, type Identity, type SomeUser, type User} from './user.js'
import type {Visit} from './visit.js'

/** The connection, which stands and falls with its user. */
interface Watcher {
  /** Somebody else is known, or more of the same. */
  renew(): void
  /** Nobody is, by their own word. */
  end(): void
}

/** `Candy.Auth`: who is on this connection. The app's `auth` is asked at most once per handshake. */
export class CandyAuth {
  readonly #visit: Visit
  #answer: Promise<User | null> | undefined
  #known: User | null = null
  #key: string | undefined
  /** Revocations of before are not held against who is known. */
  #mark = 0
  #identity: Identity | undefined
  /** By `setUser()`, which knows better than `auth`. */
  #said = false
  #watcher: Watcher | undefined
  /** How often was asked again, and which of those times is known. */
  #asked = 0
  #heard = 0

  /** @internal */
  constructor(visit: Visit) {
    this.#visit = visit
  }

  /** What is known without asking: the user of an `auth` route, or of an earlier question; else `null`. @internal */
  get known(): User | null {
    return this.#known
  }

  /** The key of who is known; `undefined` for nobody. @internal */
  get key(): string | undefined {
    return this.#key
  }

  /** What `auth` answered; `undefined` before, for nobody, and for a user that was said. @internal */
  get identity(): Identity | undefined {
    return this.#identity
  }

  /** Milliseconds after which to ask again; `undefined`: never. @internal */
  get revalidate(): number | undefined {
    return this.#visit.revalidate
  }

  /** Whether what was said to let this request in has been revoked since. @internal */
  get isRevoked(): boolean {
    return this.#visit.isRevoked(this.#key, this.#mark)
  }

  /** Whether there is a user. Rejects if the app's `auth` throws. */
  async check(): Promise<boolean> {
    return (await this.user()) !== null
  }

  /** The user, or `null`. Rejects if the app's `auth` throws. */
  user<T extends User = User>(): Promise<T | null> {
    this.#answer ??= this.#ask()
    return this.#answer as Promise<T | null>
  }

  /** Says who it is, in a middleware that found out by itself; `null` or `undefined`: nobody. */
  setUser(user: SomeUser | null | undefined): void {
    this.#said = true
    this.#visit.told()
    this.#identity = undefined
    this.#know(user ?? null, this.#visit.mark)
  }

  /**
   * Logs a user in, for this browser: the answer carries a new session and, with Candy's own identity, the user in a
   * sealed cookie that holds 7 days and slides. The session of before ends: its tokens are void, its sockets are
   * closed with 4001.
   *
   * With an `auth` function of your own only the session is renewed: who the user is, is yours to keep.
   *
   * @param user any JSON with an `id`; at most 2,600 bytes where it goes into the cookie, to be read on every request
   * @throws Error on a WebSocket, and once the answer is on its way: there is no answer to write a cookie into
   * @throws TypeError for a user without an `id`, without a JSON form, or too large
   */
  login(user: SomeUser): void {
    this.setUser(this.#visit.login(user))
  }

  /**
   * Logs this browser out: its session ends, here and in every tab, and its sockets are closed with 4001, this one
   * too. Cookies copied before prove nothing any more.
   */
  logout(): void {
    this.setUser(null)
    this.#visit.logout()
    this.#watcher?.end()
  }

  /**
   * Asks again, for a connection that has lasted. Rejects if the app's `auth` throws. The latest question counts, also
   * where an earlier one is answered after it.
   *
   * @returns whether it is the same user still, of whom the answer may tell more
   * @internal
   */
  async askAgain(): Promise<boolean> {
    const {mark} = this.#visit
    const turn = (this.#asked += 1)
    const identity = await this.#visit.identify()
    // An answer that took longer than the next one tells what was.
    if (this.#said || turn < this.#heard) return true
    this.#heard = turn
    if (!identity || userKey(identity.user) !== this.#key) return false
    this.#learn(identity, mark)
    return true
  }

  /** The same proof was renewed elsewhere, in this browser. @internal */
  renew(expires: number): void {
    if (this.#identity?.expires !== undefined) this.#learn({...this.#identity, expires}, this.#mark)
  }

  /** A connection that lasts hears of what changes. @internal */
  watch(watcher: Watcher): void {
    this.#watcher = watcher
    if (this.#identity) watcher.renew()
  }

  async #ask(): Promise<User | null> {
    const {mark} = this.#visit
    const identity = await this.#visit.identify()
    // A `setUser()` of meanwhile knows better, also if it said nobody.
    if (identity && !this.#said) this.#learn(identity, mark)
    return this.#known
  }

  #learn(identity: Identity, mark: number): void {
    this.#identity = identity
    this.#know(identity.user, mark)
  }

  #know(user: User | null, mark: number): void {
    this.#key = user === null ? undefined : userKey(user)
    this.#known = user
    this.#mark = mark
    this.#answer = Promise.resolve(user)
    this.#watcher?.renew()
  }
}
