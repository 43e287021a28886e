import {performance} from 'node:perf_hooks'
import {clearInterval, setImmediate, setInterval} from 'node:timers'

/** What is looked at from time to time. */
export interface Watched {
  /** @returns in how many milliseconds to look again; 0: never */
  look(now: number): number
}

/** Milliseconds. How exact a deadline is. */
export const tickMs = 100

/** A turn of the wheel takes 6.4 s; what is due later is looked at once in each. */
const slots = 64

/** Milliseconds by which a timer may be early. */
const timerSlack = 2

/**
 * The one timer of all connections of an app: a connection lies in the slot of the tick in which it is due, so a tick costs
 * as much as is due in it. It runs while there are connections, and keeps no process alive.
 */
export class Wheel {
  /** Milliseconds since the process began, as of the last tick: to be compared with at no call's cost. */
  now = 0
  /** Milliseconds in which this process read nothing, busy or stopped. Falls back to 0 as the same time goes by. */
  away = 0
  #slots: Watched[][] = []
  #at = 0
  /** The time up to which slots have been gone through. */
  #turned = 0
  #count = 0
  #timer: NodeJS.Timeout | undefined

  /** @param delay milliseconds to the first look */
  add(watched: Watched, delay: number): void {
    this.#count += 1
    if (this.#count === 1) this.#begin()
    this.#put(watched, delay)
  }

  /** One that was added is over: its `look` gives 0 from now on. */
  left(): void {
    this.#count -= 1
    if (this.#count === 0) this.end()
  }

  /** Looks at nothing any more. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#slots = []
  }

  /** The time to the millisecond, for those to whom the last tick's is not enough. */
  refresh(): number {
    const now = Math.floor(performance.now())
    const passed = now - this.now
    const late = passed - tickMs
    this.away = Math.max(0, this.away - passed) + (late > tickMs ? late : 0)
    this.now = now
    return now
  }

  #begin(): void {
    this.#turned = this.now = Math.floor(performance.now())
    this.away = 0
    this.#slots = Array.from({length: slots}, () => [])
    this.#timer = setInterval(() => {
      this.refresh()
      // What has come is read first: after a pause of the whole process, the peers' answers are waiting.
      setImmediate(this.#turn)
    }, tickMs)
    this.#timer.unref()
  }

  #put(watched: Watched, delay: number): void {
    const behind = Math.max(0, Math.floor((this.now - this.#turned) / tickMs))
    const steps = Math.min(behind + Math.max(Math.ceil(delay / tickMs), 1), slots - 1)
    this.#slots[(this.#at + steps) % slots]?.push(watched)
  }

  /**
   * Time and not ticks: a busy loop has few of them. But of the time in which this process read nothing, as much goes by
   * at double speed: the peers could not be heard in it, so not all that fell due in it is due at once.
   */
  readonly #turn = (): void => {
    while (this.#timer && this.#turned + tickMs <= this.now - this.away + timerSlack) this.#step()
  }

  #step(): void {
    this.#turned += tickMs
    this.#at = (this.#at + 1) % slots
    const due = this.#slots[this.#at]!
    this.#slots[this.#at] = []
    for (const watched of due) {
      const delay = watched.look(this.now)
      if (delay > 0) this.#put(watched, delay)
    }
  }
}
