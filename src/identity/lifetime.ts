import {maxInt32} from '../options.js'
import type {CandyAuth} from './auth.js'

export interface IdentityLifetimeOptions {
  readonly auth: CandyAuth
  /** Called when the identity no longer holds: it has expired, was revoked, or is another user's. */
  readonly end: () => void
  /** Called before that, if asking again has shown it. */
  readonly disowned: () => void
  /** Called when asking again failed. The connection stays open, and its user is asked for again later. */
  readonly failed: (error: unknown) => void
}

/**
 * How long a connection may stay open with the identity it came with: until that expires, or until asking again
 * (`revalidate`) gives another answer.
 */
export class IdentityLifetime {
  readonly #options: IdentityLifetimeOptions
  #expiry: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: IdentityLifetimeOptions) {
    this.#options = options
  }

  /** Starts the timers for what is known of the identity now, in place of those for what was known before. */
  renew(): void {
    if (this.#ended) return
    this.#clear()
    const {identity, revalidate, isRevoked} = this.#options.auth
    // The user may have been revoked while `auth` was being asked.
    if (isRevoked) return this.end()
    // A user set by `setUser()` did not come from `auth`: there is no expiry, and nothing to ask again.
    if (!identity) return
    if (identity.expires !== undefined) this.#endAt(identity.expires)
    if (revalidate !== undefined) this.#askIn(revalidate)
  }

  end(): void {
    this.stop()
    this.#options.end()
  }

  /** Called when the connection has ended, for whatever reason. */
  stop(): void {
    this.#ended = true
    this.#clear()
  }

  #clear(): void {
    clearTimeout(this.#expiry)
    clearTimeout(this.#again)
  }

  /** Up to a fifth earlier, at random: clients that reconnect together after a restart are not all asked about at once. */
  #askIn(revalidate: number): void {
    const ask = () => {
      // The next timer is set first, so that a question which is never answered does not end the asking.
      this.#askIn(revalidate)
      void this.#askAgain()
    }
    this.#again = setTimeout(ask, revalidate * (1 - Math.random() / 5))
  }

  /**
   * Checks the clock when the timer fires, and waits again if it is early. That happens for two reasons: node fires a
   * timer of more than 2^31 - 1 ms (24.8 days) at once, so longer times are waited for in parts; and a clock that was set
   * back does not delay timers.
   */
  #endAt(expires: number): void {
    const rest = Math.max(0, expires - Date.now())
    const next = () => (Date.now() < expires ? this.#endAt(expires) : this.end())
    this.#expiry = setTimeout(next, Math.min(rest, maxInt32))
  }

  async #askAgain(): Promise<void> {
    const {auth, failed, disowned} = this.#options
    try {
      const holds = await auth.askAgain()
      if (this.#ended || holds) return
      disowned()
      this.end()
    } catch (error) {
      if (this.#ended) return
      failed(error)
      this.renew()
    }
  }
}
