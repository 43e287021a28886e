import {maxInt32} from '../options.js'
import type {CandyAuth} from './auth.js'

export interface TenureOptions {
  readonly auth: CandyAuth
  /** The identity holds no more. */
  readonly end: () => void
  /** Asking again failed: the connection stays, and is asked about the next time. */
  readonly failed: (error: unknown) => void
}

/** How long a connection may stand on the identity it came with: until that expires, or asking again says otherwise. */
export class Tenure {
  readonly #options: TenureOptions
  #expiry: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: TenureOptions) {
    this.#options = options
  }

  /** Begins, or goes on with what is known of the identity now. */
  renew(): void {
    if (this.#ended) return
    this.#clear()
    const {identity, revalidate, isRevoked} = this.#options.auth
    // They may have been while they were asked for.
    if (isRevoked) return this.end()
    // Who was said, and not asked for, is the app's own word.
    if (!identity) return
    if (identity.expires !== undefined) this.#endAt(identity.expires)
    if (revalidate !== undefined) this.#askIn(revalidate)
  }

  end(): void {
    this.stop()
    this.#options.end()
  }

  /** The connection has ended. */
  stop(): void {
    this.#ended = true
    this.#clear()
  }

  #clear(): void {
    clearTimeout(this.#expiry)
    clearTimeout(this.#again)
  }

  /** Spread: those who came back together after a restart are not asked about together. */
  #askIn(revalidate: number): void {
    const ask = () => {
      // An answer that never comes must not be the last one waited for.
      this.#askIn(revalidate)
      void this.#askAgain()
    }
    this.#again = setTimeout(ask, revalidate * (1 - Math.random() / 5))
  }

  /**
   * A longer delay than 2^31 - 1 ms, 24.8 days, would fire at once: it is waited for in parts. And timers do not hear
   * of a clock that was set back.
   */
  #endAt(expires: number): void {
    const rest = Math.max(0, expires - Date.now())
    const next = () => (Date.now() < expires ? this.#endAt(expires) : this.end())
    this.#expiry = setTimeout(next, Math.min(rest, maxInt32))
  }

  async #askAgain(): Promise<void> {
    const {auth, failed} = this.#options
    try {
      const holds = await auth.askAgain()
      if (!this.#ended && !holds) this.end()
    } catch (error) {
      if (this.#ended) return
      failed(error)
      this.renew()
    }
  }
}
