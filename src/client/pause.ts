/** Milliseconds: chance spreads those who are woken together. */
const wakeDelay = 1_000

/** How long to wait, and whether the server named it. */
export interface Wait {
  readonly delay: number
  readonly asTold: boolean
}

/** The time until the next try. */
export class Pause {
  readonly #then: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #mayHurry = false
  /** When it is over. */
  #due = 0

  constructor(then: () => void) {
    this.#then = then
  }

  begin({delay, asTold}: Wait): void {
    this.end()
    this.#mayHurry = !asTold
    this.#due = Date.now() + delay
    this.#timer = setTimeout(() => {
      this.end()
      this.#then()
    }, delay)
  }

  /** Something is better now. */
  hurry(): void {
    const delay = Math.random() * wakeDelay
    const left = this.#due - Date.now()
    // Less than nothing is left after a sleep, in which no timer ran.
    if (this.#mayHurry && (left > delay || left < 0)) this.begin({delay, asTold: false})
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#mayHurry = false
  }
}
