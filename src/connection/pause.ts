import {bound, type Limits} from '../limits.js'
import type {Rate} from './rate.js'
import {tickMs} from './wheel.js'

/** A time in which one connection is not read. Times are the wheel's. */
export class Pause {
  /** Up to which the client has been credited for it. */
  #credited: number
  /** Of the last message that had its turn. */
  #moved: number
  #timedOut = false

  constructor(now: number) {
    this.#credited = this.#moved = now
  }

  /** What the client sends meanwhile is no flood, though it comes all at once. */
  credit(rate: Rate | undefined, now: number): void {
    rate?.allow(this.#credited, now)
    this.#credited = now
  }

  /** The next message has its turn. One that a timeout gives it is no progress: its handler may be as stuck. */
  moved(now: number): void {
    if (!this.#timedOut) this.#moved = now
    this.#timedOut = false
  }

  /** A handler took too long, and makes way for the next message. */
  timedOut(): void {
    this.#timedOut = true
  }

  /** When it has gone on for too long. A tick late, so that a handler's timeout which is as long is told first. */
  deadline({pauseDeadline}: Pick<Limits, 'pauseDeadline'>): number {
    return this.#moved + bound(pauseDeadline) + tickMs
  }
}
