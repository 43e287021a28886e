import type {Limit} from '../limits.js'

/** A time that passes, unless it is called off. */
export class Deadline {
  readonly passed: Promise<void>
  #hasPassed = false
  #timer: NodeJS.Timeout | undefined

  constructor(time: Limit) {
    this.passed = new Promise(resolve => {
      if (time === 'off') return
      this.#timer = setTimeout(() => {
        this.#hasPassed = true
        resolve()
      }, time)
    })
  }

  get hasPassed(): boolean {
    return this.#hasPassed
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
