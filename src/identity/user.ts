import type {CandyRequest} from '../handshake/request.js'

/** Who is connected. */
export interface User {
  readonly id: string | number
}

/** A user given to Candy, with any further fields. */
export type SomeUser = User | (User & Readonly<Record<string, unknown>>)

/** Finds the user who sent a request, by whatever system can tell from its cookies or headers. */
export interface AuthFunction {
  (request: CandyRequest): User | null | undefined | Promise<User | null | undefined>
  /** Set by `bearer()`, which also knows when its answer expires. @internal */
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

/** Who sent a request, and when that expires. */
export interface Identity {
  readonly user: User
  /** When it expires, in milliseconds since the epoch; absent if it holds until it is revoked. */
  readonly expires?: number | undefined
  /** When the user logged in, in milliseconds since the epoch, where that is known. */
  readonly since?: number | undefined
}

export type Authenticator = (request: CandyRequest) => Promise<Identity | null>

/** The key by which users are compared: the ids `7` and `'7'` are the same user. */
export function userKey(user: User): string {
  return String(user.id)
}

/** The `identify` of a function that has one; a plain function gives users without an expiry. */
export function authenticatorOf(fn: AuthFunction): Authenticator {
  if (fn.identify) return fn.identify
  return async request => {
    const user = await fn(request)
    return user ? {user} : null
  }
}
