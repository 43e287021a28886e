import type {CandyRequest} from '../handshake/request.js'

/** Who is connected. */
export interface User {
  readonly id: string | number
}

/** A user as they are handed over, with whatever else is known of them. */
export type SomeUser = User | (User & Readonly<Record<string, unknown>>)

/** Says who sent a request; plugs in any system that can tell from its cookies or headers. */
export interface AuthFunction {
  (request: CandyRequest): User | null | undefined | Promise<User | null | undefined>
  /** What `bearer()` knows besides: until when its answer holds. @internal */
  identify?: Authenticator
}

/** The app's `auth` option. */
export type AuthOption =
  | AuthFunction
  | {
      readonly user: AuthFunction
      /** Milliseconds after which the user of an open connection is asked for again. Default: never. */
      readonly revalidate?: number
    }

/** Who sent a request, and how long that holds. */
export interface Identity {
  readonly user: User
  /** Milliseconds since the epoch; absent: until it is revoked. */
  readonly expires?: number | undefined
}

export type Authenticator = (request: CandyRequest) => Promise<Identity | null>

/** The key by which a user is known: `7` and `'7'` are one. */
export function userKey(user: User): string {
  return String(user.id)
}

/** A plain function as what knows of no expiry. */
export function authenticatorOf(fn: AuthFunction): Authenticator {
  if (fn.identify) return fn.identify
  return async request => {
    const user = await fn(request)
    return user ? {user} : null
  }
}
