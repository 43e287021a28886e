/** What was measured at a time, in seconds. */
export interface Sample {
  readonly at: number
  readonly value: number
}

export interface Slope {
  /** Per second. */
  readonly perSecond: number
  /** The 95 % confidence interval, per second. */
  readonly low: number
  readonly high: number
  /** How much one sample says of the next: what is left over by the line, with that of one sample before. */
  readonly correlation: number
}

/** The half of the samples that came last. */
export function lastHalf<S>(samples: readonly S[]): readonly S[] {
  return samples.slice(samples.length >> 1)
}

/**
 * The slope of the line of least squares, and its 95 % confidence interval. Samples that follow each other are alike:
 * where what is left over by the line is correlated with that of the sample before, so many samples count as fewer
 * (n (1 - r) / (1 + r), the effective size of a first-order autoregressive series), and the interval is as much wider.
 *
 * @throws RangeError for fewer than 8 samples
 */
export function slopeOf(samples: readonly Sample[]): Slope {
  const n = samples.length
  if (n < 8) throw new RangeError(`${n} samples say nothing of a slope`)
  const meanAt = mean(samples.map(({at}) => at))
  const meanValue = mean(samples.map(({value}) => value))
  const spread = sum(samples.map(({at}) => (at - meanAt) ** 2))
  const perSecond = sum(samples.map(({at, value}) => (at - meanAt) * (value - meanValue))) / spread
  const left = samples.map(({at, value}) => value - meanValue - perSecond * (at - meanAt))
  const correlation = lagOne(left)
  const effective = Math.max(5, (n * (1 - correlation)) / (1 + correlation))
  const squares = sum(left.map(value => value ** 2))
  const error = Math.sqrt(squares / (n - 2) / spread) * Math.sqrt(n / effective)
  const margin = error * quantile(effective - 2)
  return {perSecond, low: perSecond - margin, high: perSecond + margin, correlation}
}

/** Never negative: that samples swing makes none of them say more. What a short series hides of it is given back. */
function lagOne(left: readonly number[]): number {
  const n = left.length
  const squares = sum(left.map(value => value ** 2))
  if (squares === 0) return 0
  const products = sum(left.slice(1).map((value, index) => value * left[index]!))
  const found = products / squares
  return Math.min(0.95, Math.max(0, found + (1 + 4 * found) / n))
}

/** Student's t at 97.5 %, by its expansion in powers of 1 / freedom (Abramowitz and Stegun, 26.7.5). */
function quantile(freedom: number): number {
  const z = 1.959964
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ]
  return terms.reduce((total, term, index) => total + term / freedom ** (index + 1), z)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
