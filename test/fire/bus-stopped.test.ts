import {createEmitter} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, it} from 'vitest'
import type {BusChoice} from '../support/buses.js'
import {childNode, Cluster} from '../support/cluster.js'
import {eventually} from '../support/eventually.js'
import {metrics} from '../support/metrics.js'
import {gapsIn, numbersOf} from '../support/runs.js'
import {describeWith, TestServer, type ServerKind} from '../support/servers.js'

/** Milliseconds within which a publish has to say that it failed, and what a busy machine may add. */
const inTime = 2_000 + 1_500
const stopped = 10_000
/** What is sent meanwhile: 100 MB. */
const flood = {count: 2_000, every: 5, size: 50_000}
/** Bytes that a node may keep of it: 16 MiB may wait for the bus, and as much for the socket. */
const bound = 48 * 1_024 * 1_024

function hangs(kind: ServerKind): void {
  describeWith(kind, true, kind, () => {
    it(
      'row 55: stopped for 10 s: a publish rejects within 2 s, memory is bounded, the loop is healthy',
      {timeout: 120_000},
      async ({expect, onTestFinished}) => {
        const server = await TestServer.start(kind)
        const bus = {url: server.url}
        const cluster = await Cluster.of(childNode({bus, metrics}), childNode({bus, metrics}))
        onTestFinished(() => cluster.end())
        const emitter = await createEmitter({bus: server.url})
        onTestFinished(() => emitter.close())
        const room = 'stopped'
        const [member, sink] = [await cluster.client(1), await cluster.client(1)]
        await member.do('join', room)
        // Where all of the flood goes: it may well be too slow for what comes at once afterwards.
        await sink.do('join', 'flood')
        await cluster.reached({rooms: [room]}, [member])
        const vitals = () => Promise.all([0, 1].map(at => cluster.control(at).do('vitals')))
        const before = await vitals()

        server.pause()
        onTestFinished(() => server.resume())
        await cluster.control(0).do('flood', {rooms: ['flood'], ...flood})
        const publish = async () => {
          const began = performance.now()
          const error = await emitter.toRoom(room, {outside: true}).catch((reason: Error) => reason.name)
          return [error, performance.now() - began] as const
        }
        const [published, samples] = [[publish()], [await vitals()]]
        let sent = 0
        const send = () => cluster.control(0).do('send', {rooms: [room], data: {n: (sent += 1)}})
        for (let time = 0; time < stopped; time += 500) {
          await delay(500)
          await send()
          published.push(publish())
          samples.push(await vitals())
        }
        expect(await Promise.all([0, 1].map(at => cluster.readiness(at)))).toEqual(['degraded', 'degraded'])
        const answers = await Promise.all(published)
        expect(answers.map(([error]) => error)).toEqual(answers.map(() => 'BusError'))
        expect(Math.max(...answers.map(([, took]) => took))).toBeLessThan(inTime)
        const grown = [0, 1].map(
          at => Math.max(...samples.map(sample => sample[at]!.bytes)) - before[at]!.bytes,
        )
        for (const bytes of grown) expect(bytes).toBeLessThan(bound)
        for (const at of [0, 1]) {
          // Most of the time; one pause may be the machine's.
          const late = samples.map(sample => sample[at]!.lateMostly).toSorted((a, b) => a - b)
          expect(late[Math.floor(late.length / 2)]).toBeLessThan(100)
          expect(Math.max(...samples.map(sample => sample[at]!.late))).toBeLessThan(2_000)
        }
        const scrape = await cluster.metrics(0)
        expect(scrape.value('candy_bus_messages_total', {what: 'failed'})).toBeGreaterThan(flood.count / 3)

        server.resume()
        for (const at of [0, 1])
          await eventually(async () => (await cluster.readiness(at)) === 'ready', 'ready')
        await cluster.reached({rooms: [room]}, [member])
        await send()
        await eventually(() => numbersOf(member, 'n').includes(sent), 'a message after it')
        expect([1, 2]).toContain(gapsIn(member, room))
        const numbers = numbersOf(member, 'n')
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
        const publishes = async () => (await publish())[0] === undefined
        await eventually(publishes, 'a publish from outside')
      },
    )
  })
}

function unheard(kind: ServerKind, clients: readonly NonNullable<BusChoice['client']>[]): void {
  describeWith(kind, true, kind, () => {
    it(
      `row 56: the server of a client that has no error listener dies: ${clients.join(', ')}`,
      {timeout: 120_000},
      async ({expect, onTestFinished}) => {
        const server = await TestServer.start(kind)
        const {url} = server
        const cluster = await Cluster.of(...clients.map(client => childNode({bus: {url, client}})))
        onTestFinished(() => cluster.end())
        const all = clients.map((_, at) => at)
        const become = (state: string) =>
          Promise.all(all.map(at => eventually(async () => (await cluster.readiness(at)) === state, state)))
        const members = await Promise.all(all.map(at => cluster.client(at)))
        for (const member of members) await member.do('join', 'alive')
        await cluster.reached({rooms: ['alive']}, members)
        await server.kill()
        await become('degraded')
        for (const [at, member] of members.entries()) {
          await member.do('send', {rooms: ['alive'], data: at})
          expect(await member.heard(1)).toEqual([at])
        }
        // Long enough for each of them to have tried again.
        await delay(2_000)
        expect(cluster.nodes.map(({child}) => child!.exitCode)).toEqual(all.map(() => null))
        await server.restart()
        await become('ready')
        await cluster.reached({rooms: ['alive']}, members)
        for (const member of members) await eventually(() => gapsIn(member, 'alive') > 0, 'a gap')
      },
    )
  })
}

describe.concurrent('a bus that hangs, or ends', () => {
  hangs('redis')
  hangs('nats')
  unheard('redis', ['redis', 'redis 5', 'ioredis', 'ioredis 5'])
  unheard('nats', ['nats'])
})
