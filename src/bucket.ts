/** Lets so many through per second; after a pause, `most` at once. */
export class Bucket {
  readonly #perSecond: number
  readonly #most: number
  #left: number
  #at = performance.now()

  /** @param perSecond may be infinite */
  constructor(perSecond: number, most = perSecond) {
    this.#perSecond = perSecond
    this.#most = most
    this.#left = most
  }

  /** @returns whether one more may pass */
  take(): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true
    const now = performance.now()
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
