import type {Closing} from './channel.js'
import type {Wait} from './pause.js'

export interface RetryOptions {
  /** Whether to come back at all. */
  readonly autoReconnect: boolean
  /** Milliseconds: the first retry is uniform in 0 to this. */
  readonly reconnectDelay: number
  /** In a row, before it is given up. */
  readonly maxReconnectAttempts: number
}

/** The server meant it: to try again would change nothing (docs/errors.md says it of each code). */
const final: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4000, 4001, 4003])

const badToken = 4002
const serviceRestart = 1012
/** Milliseconds between two tries, at most. */
const maxDelay = 30_000
/** Milliseconds after which a connection counts as well. */
const health = 30_000

/**
 * Whether and when to come back. Everybody was cut off at one moment, so chance spreads them: uniformly over the first
 * seconds, then full jitter, doubling.
 */
export class Retries {
  readonly #options: RetryOptions
  #failures = 0
  #lastCode: number | undefined
  /** Milliseconds until the first retry. */
  #first = 0

  constructor(options: RetryOptions) {
    this.#options = options
  }

  /**
   * @param lasted milliseconds for which it was open
   * @returns `undefined`: it is over
   */
  after({code, reason}: Closing, lasted: number): Wait | undefined {
    if (lasted >= health) {
      this.#failures = 0
      this.#lastCode = undefined
    }
    const again = code === this.#lastCode
    this.#lastCode = code
    if (!this.#options.autoReconnect || final.has(code)) return undefined
    // A token lives for minutes: a bad one may just have been an old one.
    if (code === badToken) return again ? undefined : {delay: 0, asTold: true}
    if (this.#failures >= this.#options.maxReconnectAttempts) return undefined
    const delay = this.#spread()
    const [, told] = (code === serviceRestart && /(?:^|\s)retry=(\d{1,9})(?:$|\s)/.exec(reason)) || []
    return told === undefined ? {delay, asTold: false} : {delay: Number(told), asTold: true}
  }

  #spread(): number {
    const {reconnectDelay} = this.#options
    const failures = this.#failures++
    const doubled = failures === 0 ? reconnectDelay : Math.max(reconnectDelay, 500) * 2 ** failures
    const longest = Math.min(Math.max(maxDelay, reconnectDelay), doubled)
    // Not before all have had their first try: the second of some would come upon the first of others.
    const least = failures === 1 ? reconnectDelay - this.#first : 0
    const delay = least + Math.random() * (longest - least)
    if (failures === 0) this.#first = delay
    return delay
  }
}
