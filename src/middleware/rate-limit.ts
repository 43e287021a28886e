import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {CandyError} from '../errors.js'
import {addressKey} from '../handshake/address-key.js'
import type {CountingMiddleware} from '../handshake/middleware.js'
import {checkOptions, checks} from '../options.js'

export interface RateLimitOptions {
  /** How many may pass per address and duration. Default 60. */
  points?: number
  /** Milliseconds. Default 60,000. */
  duration?: number
}

/**
 * Lets the first `points` handshakes per address and duration pass and refuses the rest with 1013; on a handler
 * of messages, with the error frame `RATE_LIMIT`. Each place of use counts for itself.
 *
 * @throws BootError `INVALID_OPTION`
 */
export function rateLimit(options: RateLimitOptions = {}): CountingMiddleware {
  checkOptions(options, {points: checks.count, duration: checks.time}, 'rateLimit()', 'rateLimit')
  const {points = 60, duration = 60_000} = options
  const forPlace = () => {
    const counter = new Counter(points, duration)
    return (candy: Candy) => limit(candy, counter)
  }
  // By the name that it is printed under.
  return Object.defineProperty(Object.assign(forPlace(), {forPlace}), 'name', {value: 'rate-limit'})
}

function limit(candy: Candy, counter: Counter): void {
  if (counter.passes(addressKey(candy.Request.ip))) return
  if (candy.ws.readyState === 0) candy.ws.close(closeCodes.tooMany.code, closeCodes.tooMany.reason)
  else throw new CandyError('RATE_LIMIT', 'Too many messages')
}

/**
 * Counts per key in windows that begin with a key's first use. Two generations of keys instead of a timer per key:
 * what was not touched for a whole duration is forgotten with its generation, so memory follows traffic.
 */
class Counter {
  readonly #points: number
  readonly #duration: number
  #young = new Map<string, {count: number; until: number}>()
  #old = new Map<string, {count: number; until: number}>()
  #turn = 0

  constructor(points: number, duration: number) {
    this.#points = points
    this.#duration = duration
  }

  passes(key: string): boolean {
    const now = performance.now()
    if (now >= this.#turn) {
      this.#old = now >= this.#turn + this.#duration ? new Map() : this.#young
      this.#young = new Map()
      this.#turn = now + this.#duration
    }
    let window = this.#young.get(key) ?? this.#old.get(key)
    if (!window || now >= window.until) window = {count: 0, until: now + this.#duration}
    this.#young.set(key, window)
    window.count += 1
    return window.count <= this.#points
  }
}
