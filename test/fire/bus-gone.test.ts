import type {Bus} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import {describe, it} from 'vitest'
import {attendanceOf} from '../support/attendance.js'
import {busBy} from '../support/buses.js'
import {childNode, Cluster, localNode} from '../support/cluster.js'
import {eventually} from '../support/eventually.js'
import {FaultProxy} from '../support/fault-proxy.js'
import {gapsIn} from '../support/runs.js'
import {describeWith, TestServer, type ServerKind} from '../support/servers.js'

/** Milliseconds that a busy machine may add. */
const slack = 1_500
const grace = 300

function killed(kind: ServerKind): void {
  describeWith(kind, true, kind, () => {
    it(
      'row 59: a node with 50 users is killed: gone from the others within the lease time, each once',
      {timeout: 120_000},
      async ({expect, onTestFinished}) => {
        const server = await TestServer.start(kind)
        const leaseTime = 3_000
        const choice = {url: server.url, leaseTime}
        const local = async () => localNode({bus: await busBy(choice), presenceGrace: grace})
        const cluster = await Cluster.of(local(), local(), childNode({bus: choice, presenceGrace: grace}))
        onTestFinished(() => cluster.end())
        const room = 'crowd'
        const onlookers = [await cluster.user('eve', 0), await cluster.user('oscar', 1)]
        for (const onlooker of onlookers) await onlooker.do('join', room, {presence: true})
        const ids = Array.from({length: 50}, (_, n) => `user ${n}`)
        for (const id of ids) await (await cluster.user(id, 2)).do('join', room)
        const seen = onlookers.map(onlooker => attendanceOf(onlooker, room))
        for (const attendance of seen)
          await eventually(() => Object.keys(attendance().there).length === 52, 'all 52')
        const present = async (at: number) => (await cluster.control(at).do('presence', room)).users.length
        expect([await present(0), await present(1)]).toEqual([52, 52])

        cluster.nodes[2]!.child!.kill('SIGKILL')
        await Promise.all(
          [0, 1].map(at =>
            eventually(async () => (await present(at)) === 2, `two left on ${at}`, leaseTime + slack),
          ),
        )
        const left = ids.map(id => `-user ${id}`).toSorted()
        const leaves = (n: number) =>
          seen[n]!()
            .log.filter(change => change.startsWith('-'))
            .toSorted()
        for (const n of [0, 1]) await eventually(() => leaves(n).length >= 50, 'fifty leaves', grace + slack)
        await delay(leaseTime / 2)
        for (const n of [0, 1]) {
          expect(leaves(n)).toEqual(left)
          expect(seen[n]!()).toMatchObject({faults: [], there: {'user eve': [1], 'user oscar': [1]}})
        }
      },
    )
  })
}

interface Partition {
  readonly leaseTime: number
  /** Milliseconds that one of two nodes does not reach the server. */
  readonly time: number
}

function partition(kind: ServerKind, {leaseTime, time}: Partition): void {
  const isLong = time > leaseTime
  describeWith(kind, true, kind, () => {
    // The catalogue says 30 s, of a lease time of 60; what is longer than that of the test is the harder case.
    it(
      `row 60: two nodes are parted for ${isLong ? 'longer' : 'less'} than the lease time, and meet again`,
      {timeout: 120_000},
      async ({expect, onTestFinished}) => {
        const server = await TestServer.start(kind)
        const lines = [
          await FaultProxy.open(server.port, onTestFinished),
          await FaultProxy.open(server.port, onTestFinished),
        ] as const
        const bus = ({port}: FaultProxy): Promise<string | Bus> =>
          busBy({url: `${kind}://127.0.0.1:${port}`, leaseTime})
        const cluster = await Cluster.of(
          ...lines.map(async line => localNode({bus: await bus(line), presenceGrace: grace})),
        )
        onTestFinished(() => cluster.end())
        const room = 'parted'
        const arrive = async (id: string, at: number) => {
          const client = await cluster.user(id, at)
          await client.do('join', room, {presence: id.startsWith('onlooker')})
          return client
        }
        const [a1, , b1] = [
          await arrive('a1', 0),
          await arrive('a2', 0),
          await arrive('b1', 1),
          await arrive('b2', 1),
        ]
        const onlookers = [await arrive('onlooker a', 0), await arrive('onlooker b', 1)] as const
        const seen = onlookers.map(onlooker => attendanceOf(onlooker, room))
        const names = (ids: readonly string[]) => ids.map(id => `user ${id}`).toSorted()
        const known = (at: number) => Object.keys(seen[at]!().there).toSorted()
        const says = async (at: number) => {
          const {users} = await cluster.control(at).do('presence', room)
          return users.map(({key}) => key).toSorted()
        }
        const all = (keys: readonly string[], at: number) => async () =>
          isDeepStrictEqual([await says(at), known(at)], [keys, keys])
        const both = ['onlooker a', 'onlooker b']
        const before = names(['a1', 'a2', 'b1', 'b2', ...both])
        for (const at of [0, 1]) await eventually(all(before, at), 'all on both')
        await cluster.reached({rooms: [room]}, onlookers)
        const logged = seen.map(attendance => attendance().log.length)

        lines[0].becomes('blackhole')
        const began = performance.now()
        await eventually(async () => (await cluster.readiness(0)) === 'degraded', 'degraded')
        expect(await cluster.readiness(1)).toBe('ready')
        await a1.close()
        await b1.close()
        await arrive('a3', 0)
        await arrive('b3', 1)
        for (const at of [0, 1]) await cluster.control(at).do('send', {rooms: [room], data: at})
        await Promise.all(onlookers.map(onlooker => onlooker.heard(1)))
        await delay(Math.max(0, time - (performance.now() - began)))
        // One knows of nobody on the other, once the lease time is over; who cannot ask keeps whom it knew.
        if (isLong) await eventually(all(names(['b2', 'b3', 'onlooker b']), 1), 'those who can be reached')
        lines[0].becomes('none')

        const union = names(['a2', 'a3', 'b2', 'b3', ...both])
        for (const at of [0, 1]) await eventually(all(union, at), `the union on ${at}`, 15_000)
        await cluster.reached({rooms: [room]}, onlookers)
        await delay(Math.max(leaseTime * 1.2, 1_500))
        for (const at of [0, 1]) {
          expect(await says(at)).toEqual(union)
          expect(known(at)).toEqual(union)
          expect(seen[at]!().faults).toEqual([])
        }
        const told = seen.map((attendance, at) => attendance().log.slice(logged[at]).toSorted())
        const changed = ['+user a3', '+user b3', '-user a1', '-user b1']
        expect(told[0]).toEqual(changed)
        const [gone, back] = [
          ['-user a2', '-user onlooker a'],
          ['+user a2', '+user onlooker a'],
        ]
        expect(told[1]).toEqual(isLong ? [...changed, ...gone, ...back].toSorted() : changed)
        // What each has sent has not reached the other, and that is told.
        expect(onlookers.map(({messages}) => messages)).toEqual([[0], [1]])
        for (const onlooker of onlookers) expect(gapsIn(onlooker, room)).toBeGreaterThan(0)
      },
    )
  })
}

describe.concurrent('a node that is gone', () => {
  killed('redis')
  killed('nats')
  for (const times of [
    {leaseTime: 3_000, time: 6_000},
    {leaseTime: 6_000, time: 3_000},
  ]) {
    partition('redis', times)
    partition('nats', times)
  }
})
