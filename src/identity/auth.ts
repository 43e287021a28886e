import type {Identity, User} from './user.js'
import type {Visit} from './visit.js'

/** `Candy.Auth`: who is on this connection. The app's `auth` is asked at most once per handshake. */
export class CandyAuth {
  readonly #visit: Visit
  #answer: Promise<User | null> | undefined
  #known: User | null = null
  #identity: Identity | undefined
  #said = false
  #learned: (() => void) | undefined

  /** @internal */
  constructor(visit: Visit) {
    this.#visit = visit
  }

  /** What is known without asking: the user of an `auth` route, or of an earlier question; else `null`. @internal */
  get known(): User | null {
    return this.#known
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
    return this.#visit.isRevoked(this.#known)
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

  /** Says who it is, in a middleware that found out by itself. */
  setUser(user: User | null): void {
    this.#said = true
    this.#known = user
    this.#identity = undefined
    this.#answer = Promise.resolve(user)
    this.#learned?.()
  }

  /**
   * Logs a user in, for this browser: the answer carries a new session and, with Candy's own identity, the user in a
   * sealed cookie that holds 7 days and slides. The session of before ends: its tokens are void, its sockets are
   * closed with 4001.
   *
   * With an `auth` function of your own only the session is renewed: who the user is, is yours to keep.
   *
   * @param user any JSON with an `id`, at most 2,600 bytes: it is read from the cookie on every request
   * @throws Error on a WebSocket, and once the answer is on its way: there is no answer to write a cookie into
   * @throws TypeError for a user without an `id`, without a JSON form, or too large
   */
  login(user: User): void {
    this.setUser(this.#visit.login(user))
  }

  /**
   * Logs this browser out: its session ends, here and in every tab, and its sockets are closed with 4001, this one
   * too. Cookies copied before prove nothing any more.
   */
  logout(): void {
    this.setUser(null)
    this.#visit.logout()
  }

  /** Asks again, for a connection that has lasted. Rejects if the app's `auth` throws. @internal */
  async askAgain(): Promise<Identity | null> {
    const identity = await this.#visit.identify()
    if (identity && !this.#said) this.#learn(identity)
    return identity
  }

  /** The same proof was renewed elsewhere, in this browser. @internal */
  renew(expires: number): void {
    if (this.#identity?.expires !== undefined) this.#learn({...this.#identity, expires})
  }

  /** Called whenever something becomes known by asking. @internal */
  onLearned(learned: () => void): void {
    this.#learned = learned
    if (this.#identity) learned()
  }

  async #ask(): Promise<User | null> {
    const identity = await this.#visit.identify()
    // A `setUser()` of meanwhile knows better, also if it said nobody.
    if (identity && !this.#said) this.#learn(identity)
    return this.#known
  }

  #learn(identity: Identity): void {
    this.#identity = identity
    this.#known = identity.user
    this.#learned?.()
  }
}
