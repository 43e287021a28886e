import type {Identities} from './identities.js'
import {userKey, type Identity, type User} from './user.js'
import type {CandyRequest} from '../handshake/request.js'
import {maxUserBytes, Seals, type Seal} from './seal.js'

/** A seal younger than this is not renewed, so that cookies are set once a day and not by every answer. */
const renewAfter = 24 * 60 * 60 * 1_000

/** The session and user of one request, and the cookies that its answer will set for them. */
export class Visit {
  readonly #identities: Identities
  readonly #request: CandyRequest
  readonly #answers: boolean
  #session: string | undefined
  #change: 'begun' | 'login' | 'logout' | undefined
  #user: User | undefined
  /** The session that a login ends. */
  #ending: string | undefined
  #seal: Seal | undefined
  /** The state of the revocations before the user was last asked for. */
  #mark = 0
  /** Whether the session or the user was asked for. */
  #personal = false
  #answered = false

  /** @param answers whether there will be an HTTP answer, which carries cookies */
  constructor(identities: Identities, request: CandyRequest, answers: boolean) {
    this.#identities = identities
    this.#request = request
    this.#answers = answers
    this.#session = identities.sessions.read(request)
  }

  /** The id of the session as it is now; `undefined` without one. */
  get session(): string | undefined {
    return this.#session
  }

  get revalidate(): number | undefined {
    return this.#identities.revalidate
  }

  /** The state of the revocations now: read it before asking for a user, to notice a revocation meanwhile. */
  get mark(): number {
    return this.#identities.revocations.mark
  }

  /**
   * Whether the session has ended since the request came, or the user was revoked since they were asked for.
   *
   * @param user the user's key
   * @param mark `mark` of before the user was asked for
   */
  isRevoked(user: string | undefined, mark: number): boolean {
    const {revocations} = this.#identities
    // After a logout an HTTP request has a new session; a WebSocket has none, since no answer could carry its cookie.
    if (this.#change === 'logout' && this.#session === undefined) return true
    if (this.#session !== undefined && revocations.hasSession(this.#session)) return true
    return user !== undefined && revocations.hasUserAfter(user, mark)
  }

  /**
   * Ends the session if its cookie seals a revoked user: `revoke({user})` cannot name the sessions that have no connection,
   * so each is recognised when it comes back, by the sealed user in its cookie. To be called before a token of it is judged or
   * minted.
   *
   * @returns `undefined` where there is nothing to find out
   */
  endIfUserRevoked(): Promise<void> | undefined {
    const {sessions, revocations} = this.#identities
    if (this.#session === undefined || !revocations.hasUsers) return undefined
    return sessions.sealed(this.#request) === undefined ? undefined : this.#endIfUserRevoked(this.#session)
  }

  async #endIfUserRevoked(session: string): Promise<void> {
    const {revocations} = this.#identities
    const seal = await this.#identities.unseal(this.#request)
    if (!seal || !revocations.hasUser(userKey(seal.user), seal.since)) return
    revocations.revoke({session})
    this.#session = undefined
  }

  /** Whether the answer depends on who asked, so that no cache may keep it for others. */
  get isPersonal(): boolean {
    return this.#personal || this.#change !== undefined
  }

  /** Called when the app itself has found out who asks. */
  markPersonal(): void {
    this.#personal = true
  }

  /** The session; starts one if there is none. @throws Error where no answer could carry its cookie */
  begin(): string {
    if (this.#session === undefined) {
      if (!this.#answers)
        throw new Error('There is no session to mint a token for: GET /_candy/token starts one')
      this.#checkUnanswered('a session')
      this.#session = this.#identities.sessions.create()
      this.#change ??= 'begun'
    }
    this.#personal = true
    return this.#session
  }

  async identify(): Promise<Identity | null> {
    this.#personal = true
    this.#mark = this.mark
    const identity = await this.#identities.identify(this.#request)
    if (identity && 'since' in identity) this.#seal = identity as Seal
    return identity
  }

  /** @returns the user as the next request will see them */
  login(user: User): User {
    if (!this.#answers)
      throw new Error(
        'Candy.Auth.login() needs an answer that carries its cookie: call it in a Candy.Route.post() handler, then connect',
      )
    this.#checkUnanswered('Candy.Auth.login()')
    const kept = checkUser(user, this.#identities.seals !== undefined)
    this.#ending ??= this.#session
    this.#session = this.#identities.sessions.create()
    this.#change = 'login'
    this.#user = kept
    return kept
  }

  logout(): void {
    for (const session of [this.#ending, this.#session])
      if (session !== undefined) this.#identities.revocations.revoke({session})
    this.#ending = undefined
    this.#session = this.#answers ? this.#identities.sessions.create() : undefined
    this.#change = 'logout'
  }

  /** The cookies that the answer sets. Called once the handler has succeeded: only now does a login take effect. */
  async cookies(): Promise<readonly string[]> {
    this.#answered = true
    const {sessions, seals, revocations} = this.#identities
    const {secure} = this.#request
    if (this.#change === 'login') {
      const cookies = await this.#sealed(this.#user!, revocations.issueTime(userKey(this.#user!)))
      if (this.#ending !== undefined) revocations.revoke({session: this.#ending})
      return cookies
    }
    if (this.#change === 'logout')
      return [sessions.setCookie(this.#session!, secure), ...(seals ? [sessions.clearSeal(secure)] : [])]
    if (this.#change === 'begun') return [sessions.setCookie(this.#session!, secure)]
    return this.#seal && this.#seal.expires < Seals.expiry() - renewAfter ? this.#renewed(this.#seal) : []
  }

  async #renewed({user, session, since}: Seal): Promise<readonly string[]> {
    const cookies = await this.#sealed(user, since)
    // If a logout or login has ended the session meanwhile, its answer sets new cookies: do not overwrite those.
    if (this.isRevoked(userKey(user), this.#mark)) return []
    this.#identities.onRenew(session, Seals.expiry())
    return cookies
  }

  async #sealed(user: User, since: number): Promise<readonly string[]> {
    const {sessions, seals} = this.#identities
    const {secure} = this.#request
    const session = this.#session!
    // Without a sealed user the session cookie ends with the browser.
    if (!seals) return [sessions.setCookie(session, secure)]
    const text = await seals.seal({user, session, since, expires: Seals.expiry()})
    return [sessions.setCookie(session, secure, true), sessions.setSeal(text, secure)]
  }

  #checkUnanswered(what: string): void {
    if (this.#answered) throw new Error(`${what} comes too late: the answer with its cookies is on its way`)
  }
}

/** The user as they come back from JSON, which drops what it cannot hold. @throws TypeError */
function checkUser(user: unknown, sealed: boolean): User {
  const text = JSON.stringify(user) as string | undefined
  const kept = text === undefined ? undefined : (JSON.parse(text) as {id?: unknown} | null)
  const id = kept?.id
  if (typeof id !== 'number' && (typeof id !== 'string' || id === ''))
    throw new TypeError('Candy.Auth.login() takes a user with an `id`, a number or a string')
  if (sealed && Buffer.byteLength(text!) > maxUserBytes)
    throw new TypeError(
      `Candy.Auth.login() takes a user of at most ${maxUserBytes} bytes of JSON: a cookie holds no more. Keep the id in it and look up the rest`,
    )
  return kept as User
}
