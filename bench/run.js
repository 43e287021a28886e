// `npm run bench`: README.md beside this says how to run it, and how to read what it writes.
import {writeFileSync} from 'node:fs'
import {parseArgs} from 'node:util'
import {floorsOf} from './floors.js'
import {limits} from './limits.js'
import {machine} from './machine.js'
import {peersOf} from './measure.js'
import {picture} from './picture.js'
import {measureAll, suitesNamed} from './plan.js'
import {faultLines, goalRows, markdown, peerRows, profileLines} from './report.js'
import {table} from './stats.js'
import {versions} from './versions.js'

const {values: asked} = parseArgs({
  options: {
    quick: {type: 'boolean', default: false},
    write: {type: 'boolean', default: false},
    only: {type: 'string'},
    peers: {type: 'string'},
    rounds: {type: 'string'},
    seconds: {type: 'string'},
  },
})
const options = {
  rounds: Number(asked.rounds ?? (asked.quick ? 2 : 5)),
  seconds: Number(asked.seconds ?? (asked.quick ? 0.5 : 0.8)),
  profiled: !asked.quick,
  namesOf: suite => asked.peers?.split(',') ?? peersOf(suite, asked.quick),
}
const named = suitesNamed(asked.only?.split(',') ?? [])
const wanted = named.filter(({goals}) => asked.only || !asked.quick || goals.length > 0)

const begun = Date.now()
const head = {
  date: new Date(begun).toISOString().slice(0, 10),
  machine: await machine(),
  versions: versions(),
  limits,
  rounds: options.rounds,
  seconds: options.seconds,
}
console.log(Object.values(head.machine).join('; '))
console.log(
  Object.entries(head.versions)
    .map(two => two.join(' '))
    .join(', '),
)
for (const line of limits) console.log(line)

const results = await measureAll(wanted, options, result => {
  console.log(`\n${[result.title, result.note].filter(Boolean).join('; ')}`)
  table(peerRows(result))
  for (const line of [...faultLines([result]), ...profileLines(result)]) console.log(line)
})
table(goalRows(results))
const faults = faultLines(results)
for (const line of faults) console.log(line)
console.log(`${Math.round((Date.now() - begun) / 1000)} seconds`)

// A part is not written over the whole.
const whole = !asked.only && !asked.peers && !asked.quick
if (whole || asked.write) {
  const write = (name, text) => writeFileSync(new URL(name, import.meta.url), text)
  const run = {...head, results}
  write('results.json', `${JSON.stringify({...run, floors: floorsOf(results)}, null, 2)}\n`)
  write('results.md', markdown(run))
  write('results.svg', picture(run))
}
if (faults.length > 0) process.exitCode = 1
