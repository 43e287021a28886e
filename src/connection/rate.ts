import {bound, type Limits} from '../limits.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'

/** Milliseconds. As much as may come in these may come at once. */
const burst = 2_000

/**
 * Milliseconds. A longer wait is not credited: the system holds a few megabytes for a client that is not read, and then its
 * writes stand still. One that has gone on nevertheless for so long, at its full rate, comes with a flood.
 */
const longestWait = 30_000

/** The wheel, as far as it is a clock. */
export interface Clock {
  readonly now: number
  readonly away: number
  refresh(): number
}

/** What a message and its bytes cost, in milliseconds of the time that a connection is given. */
export interface Pace {
  readonly perMessage: number
  readonly perByte: number
  /** Milliseconds. A message of the largest size may come at once; where there is none, it costs at most this. */
  readonly byteBurst: number
}

const paces = new WeakMap<object, Pace>()

/** The pace of a route, of which all its connections have the same. */
export function paceOf(limits: Pick<Limits, 'messageRate' | 'byteRate' | 'maxPayload'>): Pace {
  const known = paces.get(limits)
  if (known) return known
  const perMessage = 1_000 / bound(limits.messageRate)
  const perByte = 1_000 / bound(limits.byteRate)
  const largest = limits.maxPayload === 'off' ? 0 : limits.maxPayload * perByte
  const byteBurst = Math.max(burst, largest)
  const pace = {perMessage, perByte, byteBurst}
  paces.set(limits, pace)
  return pace
}

/**
 * How fast one connection sends. Each message costs 1000 / `messageRate` ms. What is paid may not run ahead of the clock,
 * and may lag behind it by `burst` at most: time left unused for longer is lost.
 *
 * What a client sent while nobody read is no flood, though it comes all at once: while the process was away, and for what
 * it is credited, nothing is lost. Both fall back to 0 as the same time goes by in which it is read.
 */
export class Rate {
  readonly #pace: Pace
  /** Until when the messages are paid for, in the clock's time. */
  #messages = Number.NEGATIVE_INFINITY
  /** Until when the bytes are. */
  #bytes = Number.NEGATIVE_INFINITY
  /** Milliseconds, as of `#readSince`. */
  #credit: number
  #readSince: number

  /** @param credit milliseconds for which the client may have been waiting already, before `now` */
  constructor(pace: Pace, credit = 0, now = 0) {
    this.#pace = pace
    this.#credit = credit
    this.#readSince = now
  }

  /** A message has come. @returns the limit that it exceeds */
  spend(bytes: number, clock: Clock): ExceededLimit | undefined {
    const {perMessage, perByte, byteBurst} = this.#pace
    const kept = clock.now - clock.away - this.#creditAt(clock.now)
    this.#messages = Math.max(this.#messages, kept - burst) + perMessage
    this.#bytes = Math.max(this.#bytes, kept - byteBurst) + Math.min(bytes * perByte, byteBurst)
    if (this.#messages <= clock.now && this.#bytes <= clock.now) return undefined
    // Only who is at the limit costs a look at the clock.
    const now = clock.refresh()
    if (this.#messages > now) return 'messageRate'
    return this.#bytes > now ? 'byteRate' : undefined
  }

  /** Nobody has read between these times. */
  allow(from: number, to: number): void {
    this.#credit = Math.min(this.#creditAt(from) + to - from, longestWait)
    this.#readSince = to
  }

  #creditAt(time: number): number {
    return Math.max(0, this.#credit - (time - this.#readSince))
  }
}
