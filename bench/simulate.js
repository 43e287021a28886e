// `node bench/simulate.js --connections 1000000 --nodes 40`: what would nodes and bus have to do? All options are those of
// `defaults` in simulation.js: `--rooms-each 3`, `--rate 0.5`, and so on.
import {parseArgs} from 'node:util'
import {defaults, simulate} from './simulation.js'
import {figure, table} from './stats.js'

const optionOf = name => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

function read() {
  const options = Object.fromEntries(Object.keys(defaults).map(name => [optionOf(name), {type: 'string'}]))
  const {values} = parseArgs({options})
  const given = {...defaults}
  for (const name of Object.keys(defaults)) {
    const text = values[optionOf(name)]
    if (text === undefined) continue
    given[name] = Number(text)
    const isWhole = !['skew', 'rate'].includes(name)
    if (!(given[name] >= 0) || (isWhole && !Number.isInteger(given[name])))
      throw new RangeError(`--${optionOf(name)} takes a number, not ${text}`)
  }
  return given
}

const both = ({mean, most}, write = figure) => `${write(mean)}, at most ${write(most)}`
const percent = share => `${figure(share * 100)} %`
const megabytes = bytes => `${figure(bytes / 1e6)} MB`

function firstLimit({nodeShare, redisShare}, how) {
  const [node, redis] = [nodeShare[how].most, redisShare[how]]
  const words = node > redis ? 'the busiest node' : 'Redis'
  return `${words}, at ${figure(1 / Math.max(node, redis))}x this load`
}

const lines = [
  ['connections of a node', ({connections}) => both(connections)],
  ['rooms that a node subscribes to', ({subscriptions}) => both(subscriptions)],
  ['messages published by a node', ({published}) => both(published)],
  ['messages heard by a node', ({heard}) => both(heard)],
  ['messages delivered by a node', ({delivered}) => both(delivered)],
  ['sent to the clients of a node', ({bytesOut}) => both(bytesOut, megabytes)],
  ['messages that another node needs', ({leavingShare}) => percent(leavingShare)],
  ['nodes that a message is for', ({nodesPerMessage}) => figure(nodesPerMessage)],
  ['messages that the bus takes', ({bus}) => figure(bus.taken)],
  ['messages that the bus hands out', ({bus}) => `${figure(bus.handed)}, ${megabytes(bus.bytesOut)}`],
  ['core of a node, messages one at a time', ({nodeShare}) => both(nodeShare.single, percent)],
  ['core of a node, 16 at once', ({nodeShare}) => both(nodeShare.together, percent)],
  ['core of one Redis, messages one at a time', ({redisShare}) => percent(redisShare.single)],
  ['core of one Redis, 16 at once', ({redisShare}) => percent(redisShare.together)],
  ['full first, messages one at a time', result => firstLimit(result, 'single')],
  ['full first, 16 at once', result => firstLimit(result, 'together')],
]

const given = read()
console.log(
  Object.entries(given)
    .map(([name, value]) => `${optionOf(name)} ${value.toLocaleString('en')}`)
    .join(', '),
)
const found = ['random', 'by room'].map(placement => [placement, simulate(given, placement)])
table([
  ['in a second: mean of the nodes, and the busiest', ...found.map(([placement]) => placement)],
  ...lines.map(([title, write]) => [title].concat(found.map(([, result]) => write(result)))),
])
