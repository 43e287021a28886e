import {parseArgs} from 'node:util'
import {buildLoad} from './load/load.js'
import {machine} from './machine.js'
import {measure, peersOf} from './measure.js'
import {median, spread, table} from './stats.js'
import {suites} from './suites/all.js'

const {values: asked} = parseArgs({
  options: {
    quick: {type: 'boolean', default: false},
    only: {type: 'string', default: ''},
    peers: {type: 'string', default: ''},
    rounds: {type: 'string'},
    seconds: {type: 'string'},
  },
})
const rounds = Number(asked.rounds ?? (asked.quick ? 2 : 5))
const seconds = Number(asked.seconds ?? (asked.quick ? 0.6 : 1))
const wanted = asked.only.split(',').filter(Boolean)

const percent = values => (values[0] === undefined ? '' : `${(median(values) * 100).toFixed(0)} %`)

buildLoad()
console.log(Object.values(machine()).join('; '))
for (const suite of suites) {
  if (wanted.length && !wanted.includes(suite.group) && !wanted.includes(suite.name)) continue
  const names = asked.peers ? asked.peers.split(',') : peersOf(suite, asked.quick)
  const {figures, faults, note} = await measure(suite, {names, rounds, seconds})
  if (note) console.log(note)
  console.log(`\n${suite.title}: ${suite.unit}`)
  const costs = Object.fromEntries(
    Object.entries(figures).map(([name, found]) => [name, found.map(one => suite.cost(one))]),
  )
  table([
    ['', suite.unit, 'x candy, per round', 'server', 'load'],
    ...Object.entries(costs).map(([name, values]) => [
      name,
      spread(values, 2),
      costs.candy
        ? spread(
            values.map((value, n) => value / costs.candy[n]),
            2,
          )
        : '',
      percent(figures[name].map(one => one.serverShare)),
      percent(figures[name].map(one => one.loadBusy)),
    ]),
  ])
  for (const [name, fault] of Object.entries(faults)) console.log(`NOT MEASURED: ${name}: ${fault}`)
}
