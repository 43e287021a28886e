// `npm run bench:price`: what do the limits cost? Candy beside itself with every limit off, in paired rounds over AF_UNIX.
import {buildLoad, load} from './load/load.js'
import {measure} from './measure.js'
import {protocols} from './protocols.js'
import {serve} from './serving.js'
import {median, medianInterval, perRound, spread, table} from './stats.js'
import {verify} from './verify.js'

const rounds = 40
const most = 1.03

/** With the limits that Candy has, the rates so high that the load does not come to them: all is counted. */
const works = {'with limits': 'echo', 'every limit off': 'echo-off'}

const suite = {
  async start(name) {
    // Either answers alike, and is asked whether it does.
    const server = {...(await serve('candy', works[name], 'unix')), work: 'echo'}
    await verify(server)
    const message = protocols.plain.order()
    return {
      name,
      server,
      measure: time => load(server, 'echo', {connections: 100, window: 16, message, ...time}),
      stop: () => server.stop(),
    }
  },
}

buildLoad()
const names = Object.keys(works)
const {figures, faults} = await measure(suite, {names, rounds, seconds: 1})
for (const [name, fault] of Object.entries(faults)) throw new Error(`${name}: ${fault}`)
const [costs, bare] = names.map(name => figures[name].map(({serverMicros}) => serverMicros))
const ratios = perRound(costs, bare)
const [low, high] = medianInterval(ratios)
console.log(
  `node ${process.version}, ${rounds} paired rounds of a second, 16 in flight on each of 100 connections\n`,
)
table([
  ['', 'server CPU per message, µs: median (range)'],
  [names[0], spread(costs, 2)],
  [names[1], spread(bare, 2)],
])
console.log(
  `the limits cost ${((median(ratios) - 1) * 100).toFixed(1)} %: median of the ratios ${median(ratios).toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, at most ${most}`,
)
if (median(ratios) > most) process.exitCode = 1
