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

  constructor(then: () => void) {
    this.#then = then
  }

  begin({delay, asTold}: Wait): void {
    this.end()
    this.#mayHurry = !asTold
    this.#timer = setTimeout(() => {
      this.end()
      this.#then()
    }, delay)
  }

  /** Something is better now. */
  hurry(): void {
    if (this.#mayHurry) this.begin({delay: Math.random() * wakeDelay, asTold: false})
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#mayHurry = false
  }
}
