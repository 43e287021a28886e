import {parseTarget} from '../dist/handshake/target.js'
import {parsePattern} from '../dist/routing/pattern.js'
import {Table} from '../dist/routing/table.js'
import {spread, table} from './stats.js'

const sizes = [10, 1_000, 10_000]
const rounds = 15
const hits = 100_000

/** Half of the routes static, half with parameters, ten to an area, as an app's routes lie. */
function route(n) {
  const area = `/area-${Math.floor(n / 10)}`
  return n % 2 ? `${area}/thing-${n}/{id}` : `${area}/list-${n}`
}

function address(n) {
  return route(n).replace('{id}', String(n * 7))
}

/** Addresses to ask for, spread at random; the same for every run (a linear congruence, Numerical Recipes). */
function spreadAddresses(size) {
  let state = 42
  return Array.from({length: 4_096}, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return address(state % size)
  })
}

function setUp(size) {
  const routes = new Table()
  for (let n = 0; n < size; n += 1) routes.add(parsePattern(route(n), 'bench'), n)
  const addresses = spreadAddresses(size)
  const targets = addresses.map(text => parseTarget(text, 2_048).segments)
  return {
    match: () => time(targets, segments => routes.match(segments)),
    whole: () => time(addresses, text => routes.match(parseTarget(text, 2_048).segments)),
  }
}

/** Nanoseconds per call. */
function time(inputs, run) {
  let found = 0
  const start = process.hrtime.bigint()
  for (let n = 0; n < hits; n += 1) if (run(inputs[n & 4_095])) found += 1
  const taken = Number(process.hrtime.bigint() - start)
  if (found !== hits) throw new Error('an address was not found')
  return taken / hits
}

/** Ratios within each round, which a busy moment does not bend. */
const over = (times, base) => times.map((time, n) => time / base[n])

/** All sizes in turn in every round, so that a busy moment hits them alike. */
export function matchBench() {
  const runs = sizes.map(size => Object.assign(setUp(size), {size, matches: [], wholes: []}))
  for (let round = -3; round < rounds; round += 1) {
    for (const run of runs) {
      const [match, whole] = [run.match(), run.whole()]
      if (round < 0) continue
      run.matches.push(match)
      run.wholes.push(whole)
    }
  }
  const [base] = runs
  table([
    ['routes', 'match, ns', 'x 10', 'address to route, ns', 'x 10'],
    ...runs.map(({size, matches, wholes}) => [
      size.toLocaleString('en'),
      spread(matches, 0),
      spread(over(matches, base.matches), 2),
      spread(wholes, 0),
      spread(over(wholes, base.wholes), 2),
    ]),
  ])
}
