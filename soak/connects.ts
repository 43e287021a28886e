// `npm run soak:connects`: what does a connection leave behind that came, joined, and went?
import {setTimeout as delay} from 'node:timers/promises'
import {Child} from './child.js'
import {numbers} from './options.js'
import {kib, Verdict} from './verdict.js'
import type {VisitsReading} from './visits-server.js'

const {connects} = numbers({connects: 100_000})

/** The first fifth warms up: code is compiled, tables have grown to their size. */
const steps = 10
const warm = 2
const mostGrowth = 1_024 * 1_024

const server = new Child('visits-server')
const clients = new Child('visits')

/** A reading once nobody is there any more, and nothing of anybody. */
async function read(): Promise<VisitsReading> {
  for (let tries = 0; (await server.ask<number>('connections')) > 0 && tries < 200; tries += 1)
    await delay(25)
  // The last sockets' own end.
  await delay(200)
  return server.ask<VisitsReading>('read')
}

const verdict = new Verdict()
try {
  const port = await server.ask<number>('listen')
  const before = await read()
  const found: VisitsReading[] = []
  console.log(`${connects} connects, in thirds close, terminate, reset; each joins three rooms\n`)
  for (let step = 0; step < steps; step += 1) {
    const [from, to] = [step, step + 1].map(number => Math.round((connects * number) / steps))
    await clients.ask('visit', {port, from, to})
    const one = await read()
    found.push(one)
    verdict.say(`after ${to}: heap ${kib(one.heap)}, outside of it ${kib(one.external)}, rss ${kib(one.rss)}`)
  }
  // What the last peer that did not answer a close is waited for.
  await delay(2_500)
  const after = await read()
  const heaps = found.slice(warm - 1).map(({heap}) => heap)
  const growth = Math.max(...heaps) - heaps[0]!
  verdict.must(
    growth <= mostGrowth,
    `live heap after GC grew by ${kib(growth)} at most over the last four fifths (1 MiB is allowed)`,
  )
  const {scopes} = after
  verdict.must(scopes.made === connects, `scopes made: ${scopes.made}`)
  verdict.must(scopes.disposed === scopes.made, `scopes disposed: ${scopes.disposed}`)
  const same = (what: string, count: (reading: VisitsReading) => number) =>
    verdict.must(count(after) === count(before), `${what}: ${count(before)} before, ${count(after)} after`)
  same('connections', ({connections}) => connections)
  same('rooms', ({rooms}) => rooms)
  same('listeners', ({listeners}) => listeners)
  same('timers', ({handles}) => handles.Timeout ?? 0)
  same('sockets', ({handles}) => handles.TCPSocketWrap ?? 0)
  verdict.end()
} finally {
  await Promise.all([server.stop(), clients.stop()])
}
