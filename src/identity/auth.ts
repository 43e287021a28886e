import {userKey, type Identity, type SomeUser, type User} from './user.js'
import type {Visit} from './visit.js'

/** An open connection that must end when its user's identity does. */
export interface Watcher {
  /** The known user or identity has changed. */
  renew(): void
  /** The user has logged out. */
  end(): void
}

/** `Candy.Auth`: who is on this connection. The app's `auth` is asked at most once per handshake. */
export class CandyAuth {
  readonly #visit: Visit
  #answer: Promise<User | null> | undefined
  #known: User | null = null
  #key: string | undefined
  /** The state of the revocations when the known user was asked for: only revocations after it end the user. */
  #mark = 0
  #identity: Identity | undefined
  /** Whether `setUser()` was called: its user stands, and answers of `auth` no longer count. */
  #wasSet = false
  #watcher: Watcher | undefined
  /** The number of the last question by `askAgain()`, and of the last one that was answered. */
  #asked = 0
  #heard = 0

  /** @internal */
  constructor(visit: Visit) {
    this.#visit = visit
  }

  /** The user as far as known without asking: found by an `auth` route or an earlier call, or set; else `null`. @internal */
  get known(): User | null {
    return this.#known
  }

  /** The key of the known user; `undefined` if there is none. @internal */
  get key(): string | undefined {
    return this.#key
  }

  /** What `auth` answered; `undefined` before it is asked, for nobody, and after `setUser()`. @internal */
  get identity(): Identity | undefined {
    return this.#identity
  }

  /** Milliseconds after which `auth` is asked again; `undefined` for never. @internal */
  get revalidate(): number | undefined {
    return this.#visit.revalidate
  }

  /** Whether the session, or the known user, has been revoked since the request came. @internal */
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

  /** Sets the user, for a middleware that finds out by itself who it is; `null` or `undefined` for nobody. */
  setUser(user: SomeUser | null | undefined): void {
    this.#wasSet = true
    this.#visit.markPersonal()
    this.#identity = undefined
    this.#know(user ?? null, this.#visit.mark)
  }

  /**
   * Logs a user in, for this browser: the answer carries a new session and, with Candy's own identity, the user in a
   * sealed cookie that holds 7 days and slides. The session of before ends: its tokens are void, its sockets are
   * closed with 4001.
   *
   * With an `auth` function of your own only the session is renewed: your function keeps saying who the user is.
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
   * Asks `auth` again, on an open connection (`revalidate`), and keeps what it says. Where questions overlap, the latest one
   * counts. Rejects if the app's `auth` throws.
   *
   * @returns whether it is still the same user
   * @internal
   */
  async askAgain(): Promise<boolean> {
    const {mark} = this.#visit
    const turn = (this.#asked += 1)
    const identity = await this.#visit.identify()
    // An answer that took longer than that to a later question is out of date.
    if (this.#wasSet || turn < this.#heard) return true
    this.#heard = turn
    if (!identity || userKey(identity.user) !== this.#key) return false
    this.#learn(identity, mark)
    return true
  }

  /** An answer to another request of this browser has renewed the sealed cookie, which now expires later. @internal */
  renew(expires: number): void {
    if (this.#identity?.expires !== undefined) this.#learn({...this.#identity, expires}, this.#mark)
  }

  /** Tells an open connection of every change from now on. @internal */
  watch(watcher: Watcher): void {
    this.#watcher = watcher
    if (this.#identity) watcher.renew()
  }

  async #ask(): Promise<User | null> {
    const {mark} = this.#visit
    const identity = await this.#visit.identify()
    // If `setUser()` was called while `auth` was being asked, its user stands, also if that is nobody.
    if (identity && !this.#wasSet) this.#learn(identity, mark)
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
