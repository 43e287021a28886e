import type {CandyRequest} from './request.js'

/** Who is connected. */
export interface User {
  readonly id: string | number
}

/** Says who sent a request; plugs in any system that can tell from its cookies or headers. */
export type AuthFunction = (
  request: CandyRequest,
) => User | null | undefined | Promise<User | null | undefined>

/** `Candy.Auth`: who is on this connection. The app's `auth` is asked at most once per handshake. */
export class CandyAuth {
  readonly #ask: () => unknown
  #answer: Promise<User | null> | undefined
  #known: User | null = null
  #said = false

  constructor(ask: () => unknown) {
    this.#ask = ask
  }

  /** What is known without asking: the user of an `auth` route, or of an earlier question; else `null`. */
  get known(): User | null {
    return this.#known
  }

  /** Whether there is a user. Rejects if the app's `auth` throws. */
  async check(): Promise<boolean> {
    return (await this.user()) !== null
  }

  /** The user, or `null`. Rejects if the app's `auth` throws. */
  user<T extends User = User>(): Promise<T | null> {
    this.#answer ??= this.#askOnce()
    return this.#answer as Promise<T | null>
  }

  /** Says who it is, in a middleware that found out by itself. */
  setUser(user: User | null): void {
    this.#said = true
    this.#known = user
    this.#answer = Promise.resolve(user)
  }

  async #askOnce(): Promise<User | null> {
    const user = ((await this.#ask()) || null) as User | null
    // A `setUser()` of meanwhile knows better, also if it said nobody.
    if (!this.#said) this.#known = user
    return this.#known
  }
}

/** The function of the option; by default nobody is known. */
export function authOf(option: AuthFunction | {user: AuthFunction} | undefined): AuthFunction {
  if (option === undefined) return () => null
  return typeof option === 'function' ? option : option.user
}
