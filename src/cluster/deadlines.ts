import {asBusError, BusError, busTimeout} from '../rooms/bus.js'

interface Waiting {
  readonly what: string
  /** As `performance.now()` says. */
  readonly until: number
  readonly reject: (error: BusError) => void
}

/**
 * What has been asked of a server, and is not answered. Every publish is one, so there is one timer for all of them: each has the
 * same time, and the one that has waited longest is due first.
 */
export class Deadlines {
  readonly #late: (error: BusError) => void
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined

  /** @param late told once for all that are late at the same time */
  constructor(late: (error: BusError) => void) {
    this.#late = late
  }

  /** @throws BusError if it takes longer than `busTimeout`, if it is refused, or when `refuseAll()` is called */
  within<T>(work: Promise<T>, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = {what, until: performance.now() + busTimeout, reject}
      this.#waiting.add(waiting)
      if (this.#timer === undefined) this.#timer = this.#wait(busTimeout)
      work.then(
        value => {
          this.#waiting.delete(waiting)
          resolve(value)
        },
        (error: unknown) => {
          this.#waiting.delete(waiting)
          reject(asBusError(error, what))
        },
      )
    })
  }

  refuseAll(error: BusError): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const {what, reject} of all) reject(new BusError(`${what}: ${error.message}`, {cause: error}))
  }

  #wait(ms: number): NodeJS.Timeout {
    // Whether the process lives is for its server to say.
    return setTimeout(() => this.#look(), ms).unref()
  }

  #look(): void {
    this.#timer = undefined
    const now = performance.now()
    const [first] = this.#waiting
    if (!first) return
    // A timer may come a millisecond too soon.
    if (first.until > now + 1) return void (this.#timer = this.#wait(first.until - now))
    for (const waiting of this.#waiting) {
      if (waiting.until > now + 1) break
      this.#waiting.delete(waiting)
      waiting.reject(silence(waiting.what))
    }
    this.#late(silence(first.what))
    const [next] = this.#waiting
    if (next && this.#timer === undefined) this.#timer = this.#wait(next.until - now)
  }
}

function silence(what: string): BusError {
  return new BusError(`${what}: the bus has not answered for ${busTimeout} ms`)
}
