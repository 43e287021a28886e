/**
 * The largest share of values that falls into one of so many equal parts of a range. Spread evenly it is 1 / parts; what lies
 * outside of the range counts to its ends.
 */
export function largestShare(values: readonly number[], range: number, parts: number): number {
  const counts = Array.from({length: parts}, () => 0)
  for (const value of values) {
    const part = Math.floor((value / range) * parts)
    counts[Math.min(parts - 1, Math.max(0, part))]! += 1
  }
  return Math.max(...counts) / values.length
}
