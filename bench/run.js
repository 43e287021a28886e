// `npm run bench`: see README.md beside this.
import {writeFileSync} from 'node:fs'
import {parseArgs} from 'node:util'
import {floorsOf} from './floors.js'
import {buildLoad} from './load/load.js'
import {machine} from './machine.js'
import {measure, peersOf} from './measure.js'
import {picture} from './picture.js'
import {faultLines, goalRows, markdown, peerRows} from './report.js'
import {resultOf} from './result.js'
import {table} from './stats.js'
import {suites} from './suites/all.js'
import {versions} from './versions.js'

const {values: asked} = parseArgs({
  options: {
    quick: {type: 'boolean', default: false},
    write: {type: 'boolean', default: false},
    only: {type: 'string', default: ''},
    peers: {type: 'string', default: ''},
    rounds: {type: 'string'},
    seconds: {type: 'string'},
  },
})
const rounds = Number(asked.rounds ?? (asked.quick ? 2 : 5))
const seconds = Number(asked.seconds ?? (asked.quick ? 0.5 : 1))
const only = asked.only.split(',').filter(Boolean)
const wanted = suites.filter(({name, group, goals}) =>
  only.length > 0 ? only.includes(name) || only.includes(group) : goals.length > 0 || !asked.quick,
)
if (wanted.length === 0)
  throw new Error(`no suite ${asked.only}: there are ${suites.map(suite => suite.name).join(', ')}`)

const begun = Date.now()
const run = {
  date: new Date(begun).toISOString().slice(0, 10),
  machine: machine(),
  versions: versions(),
  limits: [],
  rounds,
  seconds,
  results: [],
}
console.log(
  [...Object.values(run.machine), ...Object.entries(run.versions).map(two => two.join(' '))].join('; '),
)
buildLoad()
for (const suite of wanted) {
  const names = asked.peers ? asked.peers.split(',') : peersOf(suite, asked.quick)
  const result = resultOf(suite, await measure(suite, {names, rounds, seconds}))
  console.log(`\n${[result.title, result.note].filter(Boolean).join('; ')}`)
  table(peerRows(result))
  for (const line of faultLines([result])) console.log(line)
  run.results.push(result)
}
table(goalRows(run.results))
const faults = faultLines(run.results)
for (const line of faults) console.log(line)
console.log(`${Math.round((Date.now() - begun) / 1000)} seconds`)

// A part is not written over the whole.
const whole = only.length === 0 && !asked.peers && !asked.quick
if (whole || asked.write) {
  const file = name => new URL(name, import.meta.url)
  writeFileSync(file('results.json'), `${JSON.stringify({...run, floors: floorsOf(run.results)}, null, 2)}\n`)
  writeFileSync(file('results.md'), markdown(run))
  writeFileSync(file('results.svg'), picture(run))
}
if (faults.length > 0) process.exitCode = 1
