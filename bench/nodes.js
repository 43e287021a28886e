// `npm run bench:nodes`: what does a delivery cost where a room is on several nodes? README.md beside this says how to read it.
import {writeFileSync} from 'node:fs'
import {parseArgs} from 'node:util'
import {startBus} from './buses.js'
import {heardPerBroadcast} from './heard.js'
import {heldPerConnection} from './held.js'
import {limits} from './limits.js'
import {machine} from './machine.js'
import {peersOf} from './measure.js'
import {peers} from './peers.js'
import {measureAll} from './plan.js'
import {faultLines, goalRows, markdown, markdownTable, peerRows} from './report.js'
import {figure, table} from './stats.js'
import {nodesSuites} from './suites/nodes.js'
import {versions} from './versions.js'

const {values: asked} = parseArgs({
  options: {
    rounds: {type: 'string', default: '7'},
    seconds: {type: 'string', default: '0.8'},
    write: {type: 'boolean', default: false},
  },
})

/** What each node's part is, and how many deliveries there are in a second. */
function eachRows(results) {
  const rows = results.flatMap(({title, peers: measured}) =>
    Object.entries(measured).map(
      ([
        name,
        {
          each: [sender, other],
          perSecond,
        },
      ]) => [title, peers[name].title, figure(sender), figure(other), figure(perSecond)],
    ),
  )
  return [['work', '', 'µs, node of the sender', 'µs, other node', 'deliveries/s'], ...rows]
}

function heardRows(heard) {
  const count = value => value.toFixed(2)
  const rows = Object.entries(heard).map(([name, {sends, hears, hasNobody}]) => [
    peers[name].title,
    count(sends),
    count(hears),
    count(hasNobody),
  ])
  const head = [
    'bus messages heard per broadcast',
    'node of the sender',
    'other node',
    'node without members',
  ]
  return [head, ...rows]
}

function heldRows(held) {
  const rows = Object.entries(held).map(([name, {here, elsewhere, bus}]) => [
    peers[name].title,
    figure(here),
    figure(elsewhere),
    figure(bus),
  ])
  return [['bytes per connection in a room', 'heap of its node', 'heap of another', 'the bus'], ...rows]
}

const head = {
  date: new Date().toISOString().slice(0, 10),
  machine: await machine(),
  versions: versions(({works}) => works.includes('nodes')),
  limits: [
    ...limits,
    'two nodes share core 0; the load and the bus share core 1, and what they cost is not counted',
    'Candy is on Redis where nothing else is said; its metrics are on',
  ],
  rounds: Number(asked.rounds),
  seconds: Number(asked.seconds),
}
console.log(
  [...Object.values(head.machine), ...Object.entries(head.versions).map(two => two.join(' '))].join('; '),
)

const buses = {redis: await startBus('redis'), nats: await startBus('nats')}
try {
  const suites = nodesSuites(buses)
  const options = {...head, profiled: false, namesOf: suite => peersOf(suite, false)}
  const results = await measureAll(suites, options, result => {
    console.log(`\n${result.title}`)
    table(peerRows(result))
    for (const line of faultLines([result])) console.log(line)
  })
  const heard = {}
  const held = {}
  for (const name of peersOf(suites[0], false)) {
    heard[name] = await heardPerBroadcast(name, buses)
    held[name] = await heldPerConnection(name, buses, buses[peers[name].bus ?? 'redis'])
  }
  const more = [eachRows(results), heardRows(heard), heldRows(held)]
  for (const rows of [...more, goalRows(results)]) table(rows)
  const faults = faultLines(results)
  for (const line of faults) console.log(line)
  if (faults.length > 0) process.exitCode = 1
  if (asked.write) {
    const write = (name, text) => writeFileSync(new URL(name, import.meta.url), text)
    const page = {title: 'What a delivery costs on two nodes', command: 'npm run bench:nodes -- --write'}
    const text = [markdown({...head, results}, page).trimEnd(), ...more.map(markdownTable)].join('\n\n')
    write('nodes.json', `${JSON.stringify({...head, results, heard, held}, null, 2)}\n`)
    write('nodes.md', `${text}\n`)
  }
} finally {
  for (const bus of Object.values(buses)) await bus.stop()
}
