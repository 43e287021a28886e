export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Between which two values the median of all that might have been measured lies, with 95 % or a little more: as many
 * values are left out at each end as a coin thrown so often falls on one side in no more than 2.5 % (no assumption on how
 * values are spread).
 *
 * @throws {RangeError} for fewer than 6 values
 */
export function medianInterval(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const count = sorted.length
  if (count < 6) throw new RangeError(`${count} values have no interval of 95 %`)
  let out = 0
  let chance = 2 ** -count
  for (let ways = chance; ; out += 1) {
    ways *= (count - out) / (out + 1)
    if (chance + ways > 0.025) break
    chance += ways
  }
  return [sorted[out], sorted[count - 1 - out]]
}

/** `12.3 (11.9 to 14.0)`: the median and the range. */
export function spread(values, digits = 1) {
  return range(values, value => value.toFixed(digits))
}

/** The median and the range, each written by `write`. */
export function range(values, write = figure) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return `${write(median(values))} (${write(least)} to ${write(most)})`
}

/** A number with as many digits as a person reads: `3.41`, `12.3`, `1,234`. */
export function figure(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** Each value over the one of the same round, which a busy moment does not bend. */
export function perRound(values, base) {
  return values.map((value, n) => value / base[n])
}

/** Prints rows of text in aligned columns; the first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  for (const row of rows)
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
  console.log()
}
