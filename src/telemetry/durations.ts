/** Seconds; the last bucket takes what is longer. prom-client's own, with two more for what is done at once. */
export const durationBounds = [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How long something took, each time: plain numbers, since prom-client's histogram costs half a microsecond a time. */
export class Durations {
  readonly #counts = new Float64Array(durationBounds.length + 1)
  sum = 0

  readonly add = (seconds: number): void => {
    let bucket = 0
    while (bucket < durationBounds.length && seconds > durationBounds[bucket]!) bucket += 1
    this.#counts[bucket]! += 1
    this.sum += seconds
  }

  /** How many took at most so long, bound by bound; the last counts them all. */
  get cumulative(): number[] {
    let total = 0
    return [...this.#counts].map(count => (total += count))
  }
}
