import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {BusError, type Bus, type Lease} from '#candy/rooms/bus.js'
import {channelOfRoom, channelOfUser, everyone} from '#candy/rooms/channels.js'
import {join, NotedNode, until, type Joined} from '../support/bus-node.js'
import type {TestServer} from '../support/servers.js'
import {outageContract} from './bus-outage.js'

/** A bus under test, and what is at its other end. */
export interface BusWorld {
  /** The bus of one more node of one app. @param port where it finds the server, if it is not where it listens: a proxy */
  bus(port?: number): Bus | Promise<Bus>
  /** Milliseconds after which the leases of a dead node are gone. */
  readonly leaseTime: number
  /** Where it is one that a test may end, pause, and reach through a proxy. */
  readonly server?: TestServer
  close?(): Promise<void>
}

/** What `rooms/bus.ts` promises, asked of one bus. */
export function busContract(name: string, make: () => Promise<BusWorld>, outages = true): void {
  describe(`bus: ${name}`, () => {
    let world: BusWorld
    beforeAll(async () => void (world = await make()))
    afterAll(() => world.close?.())

    const one = async (holds?: readonly Lease[]): Promise<Joined> => {
      const joined = join(await world.bus(), holds)
      await until(joined, 'up')
      return joined
    }
    const two = async () => [await one(), await one()] as const
    const heard = ({node}: Joined) => expect.poll(() => node.heard, {interval: 10})
    const leases = ({link}: Joined, group: string) =>
      expect.poll(
        async () => (await link.leases(group)).map(lease => `${lease.id}=${lease.value}`).toSorted(),
        {
          interval: 20,
        },
      )

    it('has a kind, and tells once that it is up', async () => {
      const bus = await world.bus()
      expect(bus.kind).toMatch(/^[a-z]+$/)
      const a = join(bus)
      await until(a, 'up')
      await delay(50)
      expect(a.node.states).toEqual(['up'])
    })

    describe('messages', () => {
      it('reach whoever is subscribed, once, and nobody else', async () => {
        const [a, b] = await two()
        const c = await one()
        await b.link.subscribe('x')
        await b.link.subscribe('x')
        await c.link.subscribe('y')
        await a.link.publish('x', Buffer.from('1'))
        await a.link.publish('z', Buffer.from('2'))
        await a.link.publish('y', Buffer.from('3'))
        await a.link.publish('x', Buffer.from('end'))
        await heard(b).toEqual(['x 1', 'x end'])
        await heard(c).toEqual(['y 3'])
        expect(a.node.heard).toEqual([])
      })

      it('are bytes: none, any, and a million', async () => {
        const [a, b] = await two()
        await b.link.subscribe('x')
        const all = Uint8Array.from({length: 256}, (_, byte) => byte)
        const messages = [new Uint8Array(0), all.subarray(3, 250), Buffer.alloc(1_000_000, 'é')]
        for (const message of messages) await a.link.publish('x', message)
        await expect.poll(() => b.node.bytes.length).toBe(3)
        expect(b.node.bytes.map(bytes => Buffer.isBuffer(bytes))).toEqual([true, true, true])
        expect(b.node.bytes.map((bytes, n) => bytes.equals(messages[n]!))).toEqual([true, true, true])
      })

      it('are heard in the order in which a node publishes them, though it waits for none', async () => {
        const [a, b] = await two()
        await b.link.subscribe('x')
        const numbers = Array.from({length: 2_000}, (_, n) => n)
        await Promise.all(numbers.map(n => a.link.publish('x', Buffer.from(`${n}`))))
        await heard(b).toEqual(numbers.map(n => `x ${n}`))
      })

      it('are for exactly the channel: no name is a pattern, and no two names are one', async () => {
        const [a, b] = await two()
        const rooms = [
          '*',
          '>',
          'a',
          'A',
          'a.b',
          '[a]',
          '__proto__',
          'a\r\nb',
          'é',
          'e\u0301',
          'x'.repeat(128),
        ]
        const channels = [
          ...rooms.map(channelOfRoom),
          channelOfUser('a'),
          channelOfUser('x'.repeat(999)),
          everyone,
        ]
        for (const channel of channels) await b.link.subscribe(channel)
        for (const channel of channels) await a.link.publish(channel, Buffer.from(channel))
        await a.link.publish(everyone, Buffer.from('end'))
        await expect.poll(() => b.node.heard).toContain(`${everyone} end`)
        // Order holds within a channel; whose turn it is among several is not promised.
        await expect.poll(() => b.node.heard.length).toBe(channels.length + 1)
        expect(b.node.heard.toSorted()).toEqual(
          [...channels.map(channel => `${channel} ${channel}`), `${everyone} end`].toSorted(),
        )
      })

      it('are heard no more after unsubscribe, which may be called for what was never subscribed', async () => {
        const [a, b] = await two()
        await b.link.unsubscribe('never')
        await b.link.subscribe('x')
        await b.link.subscribe('y')
        await b.link.unsubscribe('x')
        await a.link.publish('x', Buffer.from('1'))
        await a.link.publish('y', Buffer.from('end'))
        await heard(b).toEqual(['y end'])
        await b.link.subscribe('x')
        await a.link.publish('x', Buffer.from('2'))
        await heard(b).toEqual(['y end', 'x 2'])
      })

      it('follow the last of subscribe and unsubscribe, though none is awaited', async () => {
        const [a, b] = await two()
        const calls = ['x', 'y'].flatMap(channel =>
          ['subscribe', 'unsubscribe', 'subscribe'].map(how =>
            b.link[how as 'subscribe' | 'unsubscribe'](channel),
          ),
        )
        calls.push(b.link.unsubscribe('y'))
        await Promise.all(calls)
        await a.link.publish('y', Buffer.from('1'))
        await a.link.publish('x', Buffer.from('end'))
        await heard(b).toEqual(['x end'])
      })
    })

    describe('leases', () => {
      it('are seen by every node, whatever they say', async () => {
        const [a, b] = await two()
        const ids = ['1', 'a:b', 'é\r\n', '*', '__proto__', 'x'.repeat(300)]
        await a.link.hold(ids.map(id => ({group: 'g1', id, value: `value of ${id} "{}" 😀`})))
        await b.link.hold([
          {group: 'g1', id: 'b', value: ''},
          {group: 'g2', id: '1', value: 'x'.repeat(10_000)},
        ])
        const all = [...ids.map(id => `${id}=value of ${id} "{}" 😀`), 'b='].toSorted()
        for (const node of [a, b, await one()]) {
          await leases(node, 'g1').toEqual(all)
          await leases(node, 'g2').toEqual([`1=${'x'.repeat(10_000)}`])
          await leases(node, 'g3').toEqual([])
        }
      })

      it('change, and are let go', async () => {
        const [a, b] = await two()
        await a.link.hold(['1', '2', '3'].map(id => ({group: 'g4', id, value: 'old'})))
        await a.link.hold([
          {group: 'g4', id: '1', value: 'new'},
          {group: 'g4', id: '2', value: undefined},
          {group: 'g4', id: 'never', value: undefined},
        ])
        await leases(b, 'g4').toEqual(['1=new', '3=old'])
        await leases(a, 'g4').toEqual(['1=new', '3=old'])
      })

      it('come in thousands', async () => {
        const [a, b] = await two()
        const many = Array.from({length: 5_000}, (_, n) => ({
          group: `many${n % 100}`,
          id: `${n}`,
          value: 'v',
        }))
        await a.link.hold(many)
        await expect.poll(async () => (await b.link.leases('many7')).length).toBe(50)
        await a.link.hold(many.map(({group, id}) => ({group, id, value: undefined})))
        await leases(b, 'many7').toEqual([])
      })

      it('are told to who watches, in order, until it does not', async () => {
        const [a, b] = await two()
        await b.link.watch('g5')
        await b.link.watch('g6')
        await a.link.hold([
          {group: 'g5', id: '1', value: 'x'},
          {group: 'other', id: '1', value: 'x'},
        ])
        await expect.poll(() => known(b.node, 'g5')).toEqual({1: 'x'})
        await a.link.hold([{group: 'g5', id: '1', value: 'y'}])
        await a.link.hold([{group: 'g5', id: '2', value: 'z'}])
        await expect.poll(() => known(b.node, 'g5')).toEqual({1: 'y', 2: 'z'})
        await a.link.hold([{group: 'g5', id: '1', value: undefined}])
        await expect.poll(() => known(b.node, 'g5')).toEqual({2: 'z'})
        await b.link.unwatch('g5')
        const before = b.node.changes.filter(({group}) => group === 'g5').length
        await a.link.hold([{group: 'g5', id: '3', value: 'x'}])
        await a.link.hold([{group: 'g6', id: 'end', value: 'x'}])
        await expect.poll(() => known(b.node, 'g6')).toEqual({end: 'x'})
        expect(b.node.changes.filter(({group}) => group === 'g5')).toHaveLength(before)
        expect(b.node.changes.some(({group}) => group === 'other')).toBe(false)
      })

      it('that a node holds before it connects are there when it is up', async () => {
        const b = await one()
        await b.link.watch('g7')
        await one([{group: 'g7', id: 'early', value: 'bird'}])
        await leases(b, 'g7').toEqual(['early=bird'])
        await expect.poll(() => b.node.changes.map(({group}) => group)).toContain('g7')
      })

      it('end with close(), and who watches is told', async () => {
        const [a, b] = await two()
        await b.link.watch('g8')
        await a.link.hold(['1', '2'].map(id => ({group: 'g8', id, value: 'a'})))
        await b.link.hold([{group: 'g8', id: '3', value: 'b'}])
        await leases(b, 'g8').toEqual(['1=a', '2=a', '3=b'])
        b.node.changes.length = 0
        await a.link.close()
        await leases(b, 'g8').toEqual(['3=b'])
        await expect.poll(() => b.node.changes.map(({group}) => group)).toContain('g8')
      })
    })

    describe('denials', () => {
      const later = () => Date.now() + 60_000
      const whats = ({node}: Joined) =>
        expect.poll(() => node.denials.map(({what}) => what), {timeout: 1_000})

      it('reach every node within a second, with the time when they end', async () => {
        const [a, b] = await two()
        const denial = {what: 'session:é "1"', until: later()}
        await a.link.deny(denial)
        await whats(b).toContain(denial.what)
        expect(b.node.denials).toContainEqual(denial)
      })

      it('reach who comes later, unless they have ended', async () => {
        const a = await one()
        const denials = Array.from({length: 1_500}, (_, n) => ({what: `late ${n}`, until: later()}))
        await Promise.all(denials.map(denial => a.link.deny(denial)))
        await a.link.deny({what: 'over', until: Date.now() + 300})
        await delay(400)
        const b = await one()
        await expect
          .poll(() => b.node.denials.filter(({what}) => what.startsWith('late')).length, {timeout: 1_000})
          .toBeGreaterThanOrEqual(1_500)
        expect(new Set(b.node.denials.map(({what}) => what))).not.toContain('over')
      })
    })

    describe('close', () => {
      it('ends everything: nothing is told afterwards, and what is asked is refused', async () => {
        const [a, b] = await two()
        await a.link.subscribe('x')
        await a.link.close()
        await a.link.close()
        await b.link.publish('x', Buffer.from('1'))
        for (const call of callsOf(a)) await expect(call()).rejects.toBeInstanceOf(BusError)
        expect(a.node.heard).toEqual([])
        expect(a.node.states.filter(state => state === 'up')).toHaveLength(1)
      })

      it('may come at once', async () => {
        const a = join(await world.bus())
        await a.link.close()
        expect(a.node.states).not.toContain('up')
      })
    })

    if (outages) outageContract(() => world)
  })
}

/** What somebody knows of a group who began with nothing and was told of every change. */
function known(node: NotedNode, group: string): Record<string, string> {
  const all: Record<string, string> = {}
  for (const told of node.changes) {
    if (told.group !== group) continue
    for (const {id, value} of told.changes ?? []) {
      if (value === undefined) delete all[id]
      else all[id] = value
    }
  }
  return all
}

/** Everything that may be asked of a bus that is up. */
export function callsOf({link}: Joined): (() => Promise<unknown>)[] {
  return [
    () => link.publish('x', Buffer.from('x')),
    () => link.hold([{group: 'g', id: '1', value: 'x'}]),
    () => link.leases('g'),
    () => link.deny({what: 'x', until: Date.now() + 1_000}),
  ]
}
