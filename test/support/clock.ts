import {setImmediate} from 'node:timers/promises'
import {onTestFinished, vi} from 'vitest'

interface Timer {
  readonly due: number
  readonly run: () => void
}

/**
 * Time in the test's hand, for tens of thousands of timers: Vitest's own looks at all of them for each that is due. `setTimeout` and
 * `Date.now` are the clock's until the test is over.
 */
export class Clock {
  /** Milliseconds. */
  now = 0
  readonly #due = new Map<number, Set<Timer>>()

  constructor() {
    const setTimeout = (run: () => void, delay: number) => this.#set(run, delay)
    vi.stubGlobal('setTimeout', setTimeout)
    vi.stubGlobal(
      'clearTimeout',
      (timer: Timer | undefined) => timer && this.#due.get(timer.due)?.delete(timer),
    )
    const now = vi.spyOn(Date, 'now').mockImplementation(() => this.now)
    onTestFinished(() => {
      vi.unstubAllGlobals()
      now.mockRestore()
    })
  }

  /** Lets time go by; what timers begin is awaited before the next one runs. */
  async advance(ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end; this.now += 1) await this.#run()
  }

  async #run(): Promise<void> {
    const due = this.#due.get(this.now)
    if (!due) return
    // Those that are set for this very millisecond meanwhile are run as well.
    for (const {run} of due) run()
    this.#due.delete(this.now)
    await setImmediate()
  }

  #set(run: () => void, delay: number): Timer {
    const timer = {due: this.now + Math.max(1, Math.trunc(delay)), run}
    const others = this.#due.get(timer.due)
    if (others) others.add(timer)
    else this.#due.set(timer.due, new Set([timer]))
    return timer
  }
}
