// `npm run bench:guard`: is Candy, beside `ws` and beside the best that can be written on `ws` by hand, still what it
// was when results.json was written? Those ratios are much the same on every machine; costs are not.
import {existsSync, readFileSync} from 'node:fs'
import {fallenBelow} from './floors.js'
import {measureAll, suitesNamed} from './plan.js'
import {figure, table} from './stats.js'

const stored = new URL('results.json', import.meta.url)
if (!existsSync(stored))
  throw new Error('there are no results to hold Candy against: npm run bench writes them')
const {floors} = JSON.parse(readFileSync(stored, 'utf8'))
const say = ({title}) => console.log(title)

/** Once more, and longer, what fell: a busy moment is no loss of speed. */
async function fallenIn(held, options) {
  const namesOf = ({name}) => [
    'candy',
    ...held.flatMap(({suite, against}) => (suite === name ? against : [])),
  ]
  const suites = suitesNamed(held.map(({suite}) => suite))
  return fallenBelow(held, await measureAll(suites, {...options, namesOf}, say))
}

let fallen = await fallenIn(floors, {rounds: 2, seconds: 0.5})
if (fallen.length > 0) fallen = await fallenIn(fallen, {rounds: 7, seconds: 1})
if (fallen.length === 0) console.log(`${floors.length} floors hold`)
else {
  const rows = fallen.map(({suite, against, ratio, floor}) => [
    suite,
    against,
    ratio === undefined ? 'nothing' : `${figure(ratio)}x`,
    `${figure(floor)}x`,
  ])
  table([['suite', 'beside', 'Candy is cheaper by', 'floor'], ...rows])
  process.exitCode = 1
}
