// `npm run soak:neighbours`: does one who misbehaves cost the others anything? Runs with and without alternate, and the
// wait of requests that come by the clock is measured by a process of its own, bench/load/load.c.
import {execFileSync} from 'node:child_process'
import {setTimeout as delay} from 'node:timers/promises'
import {Child} from './child.js'
import {buildLoad, holding, load, median, pinned, table, type Loaded} from './load.js'
import {numbers} from './options.js'
import {kib, Verdict} from './verdict.js'

const {rounds, seconds} = numbers({rounds: 7, seconds: 4})

const paced = {
  connections: 100,
  rate: 4_000,
  message: 'a request that is answered as it came',
  warm: 0.5,
  seconds,
}
const broadcast = {bytes: 64 * 1_024 * 1_024, ms: (seconds + 0.5) * 1_000, size: 16_384}
const readers = 3

/** A flooder that is dropped comes again after so many milliseconds. */
const floodEvery = 250

/** The defaults of the limits that end them. */
const maxBuffered = 1_024 * 1_024
const messageRate = 100

/** The other clients' wait at most so many times as long. */
const mostRatio = 2

interface Closed {
  readonly place: 'room' | 'flood'
  readonly code: number
  readonly handled: number
  readonly lived: number
}

const server = new Child('neighbours-server')
const peers = new Child('bad-peers')
const verdict = new Verdict()

/** What becomes of those who misbehave, run by run. */
let closed: Closed[] = []
/** Between them nobody misbehaves. */
const state = {misbehaves: false}
let port = 0

server.told = event => {
  const one = event as Closed
  // Readers who behave go at the end of a run, with no word or 1000.
  closed.push(one)
  if (state.misbehaves && one.place === 'room' && one.code === 1_013) void peers.ask('stopped', port)
}

async function during<T>(misbehave: () => Promise<unknown>, run: () => Promise<T>): Promise<T> {
  state.misbehaves = true
  const all = misbehave()
  try {
    return await run()
  } finally {
    state.misbehaves = false
    await peers.ask('gone')
    await all
  }
}

async function floods(): Promise<void> {
  while (state.misbehaves) {
    await peers.ask('flooder', port)
    await delay(floodEvery)
  }
}

interface Kind {
  readonly title: string
  readonly run: (path: string) => Promise<{p50: number; p99: number}>
  readonly misbehave: () => Promise<unknown>
}

const at = (path: string): Loaded => ({
  name: `candy ${path}`,
  pid: server.pid,
  address: {port},
  protocol: {path},
})

const kinds: readonly Kind[] = [
  {
    title: 'a reader that has stopped, in a room that is told 64 MiB',
    run: path =>
      holding(at('/room'), {connections: readers}, async () => {
        const [waits] = await Promise.all([load(at(path), 'rate', paced), server.ask('broadcast', broadcast)])
        return waits
      }),
    misbehave: () => peers.ask('stopped', port),
  },
  {title: 'a flooder', run: path => load(at(path), 'rate', paced), misbehave: floods},
]

async function measure({title, run, misbehave}: Kind): Promise<void> {
  const rows = [['round', 'p99 without, µs', 'with', 'ratio', 'p50 without', 'with']]
  const ratios: number[] = []
  closed = []
  await server.ask('held')
  // The first time the code is still being compiled.
  await run('/echo')
  for (let round = 0; round < rounds; round += 1) {
    const without = () => run('/echo')
    const beside = () => during(misbehave, () => run('/echo'))
    const found =
      round % 2 ? [await beside(), await without()].toReversed() : [await without(), await beside()]
    const [alone, together] = found as [{p50: number; p99: number}, {p50: number; p99: number}]
    ratios.push(together.p99 / alone.p99)
    const figures = [alone.p99, together.p99, together.p99 / alone.p99, alone.p50, together.p50]
    rows.push([String(round + 1), ...figures.map((value, index) => value.toFixed(index === 2 ? 2 : 0))])
  }
  console.log(`\nBeside ${title}\n`)
  table(rows)
  const middle = median(ratios)
  verdict.must(
    middle <= mostRatio,
    `p99 of the others: median of the ratios ${middle.toFixed(2)}, at most ${mostRatio}`,
  )
}

function judgeStopped(held: number): void {
  const dropped = closed.filter(({place, code}) => place === 'room' && code === 1_013).length
  verdict.must(dropped >= rounds, `stopped readers dropped with 1013: ${dropped} in ${rounds} runs`)
  verdict.must(
    held <= maxBuffered,
    `held for anybody at most ${kib(held)} of ${kib(maxBuffered)}, looked at with each message sent`,
  )
}

/** Two seconds' worth may come at once; the rest as time goes on, and for the time that the handshake has taken. */
function judgeFloods(): void {
  const floods = closed.filter(({place}) => place === 'flood')
  const tooMany = floods.filter(({handled, lived}) => handled > messageRate * (2 + (lived + 100) / 1_000))
  const most = Math.max(...floods.map(({handled}) => handled))
  const longest = Math.max(...floods.map(({lived}) => lived))
  verdict.must(
    floods.length >= rounds && tooMany.length === 0,
    `floods: ${floods.length}, of which at most ${most} messages were handled, in ${longest.toFixed(0)} ms`,
  )
  const codes = [...new Set(floods.map(({code}) => code))]
  verdict.must(codes.length === 1 && codes[0] === 1_008, `flooders dropped with ${codes.join(', ')}`)
}

try {
  buildLoad()
  port = await server.ask<number>('listen')
  const [command, ...args] = pinned(0, [])
  // On the core where the load is not; where there is one core only, it stays.
  if (command === 'taskset')
    execFileSync('taskset', ['-a', '-p', '-c', args[1]!, String(server.pid)], {stdio: 'ignore'})
  const [stopped, flooder] = kinds as [Kind, Kind]
  await measure(stopped)
  judgeStopped(await server.ask<number>('held'))
  await measure(flooder)
  judgeFloods()
  verdict.end()
} finally {
  await Promise.all([server.stop(), peers.stop()])
}
