import {authenticatorOf, userKey, type AuthOption, type Authenticator, type Identity} from './user.js'
import type {CandyRequest} from '../handshake/request.js'
import type {Limit} from '../limits.js'
import type {Revocations} from './revocations.js'
import {Seals, type Seal} from './seal.js'
import type {Keys} from './secret.js'
import type {Sessions} from './session.js'

export interface IdentitiesOptions {
  readonly keys: Keys
  readonly sessions: Sessions
  readonly revocations: Revocations
  /** The app's own `auth`; without one, `login()` seals users into a cookie. */
  readonly auth: AuthOption | undefined
  /** How often that is asked again, where it does not say. */
  readonly revalidate: Limit
}

/** Finds out which user sent a request: by the app's own `auth`, or by the cookie that `login()` sealed. */
export class Identities {
  readonly sessions: Sessions
  readonly revocations: Revocations
  /** `undefined` where the app has an `auth` of its own. */
  readonly seals: Seals | undefined
  /** Milliseconds after which a connection's user is asked for again. */
  readonly revalidate: number | undefined
  readonly #authenticate: Authenticator | undefined
  /** Called when a session's sealed user was renewed: its sockets may stay open until the new expiry. */
  onRenew: (session: string, expires: number) => void = () => undefined

  constructor({keys, sessions, revocations, auth, revalidate}: IdentitiesOptions) {
    this.sessions = sessions
    this.revocations = revocations
    this.seals = auth === undefined ? new Seals(keys) : undefined
    const own = typeof auth === 'object' ? auth : auth && {user: auth}
    this.#authenticate = own && authenticatorOf(own.user)
    const often = revalidate === 'off' ? undefined : revalidate
    this.revalidate = own && (own.revalidate ?? often)
  }

  identify(request: CandyRequest): Promise<Identity | null> {
    return this.#authenticate ? this.#authenticate(request) : this.open(request)
  }

  /** The user in the sealed cookie, if it belongs to the request's session and neither was revoked. */
  async open(request: CandyRequest): Promise<Seal | null> {
    const seal = await this.unseal(request)
    // `unseal()` checked the session, but it may have been revoked while the seal was being decrypted.
    if (!seal || this.revocations.hasSession(seal.session)) return null
    return this.revocations.hasUser(userKey(seal.user), seal.since) ? null : seal
  }

  /** The user in the sealed cookie, if it belongs to the request's session. The user may have been revoked. */
  async unseal(request: CandyRequest): Promise<Seal | undefined> {
    const session = this.sessions.read(request)
    const text = this.sessions.sealed(request)
    if (session === undefined || text === undefined) return undefined
    const seal = await this.seals?.open(text)
    return seal?.session === session ? seal : undefined
  }
}
