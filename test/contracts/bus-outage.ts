import {monitorEventLoopDelay} from 'node:perf_hooks'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'
import {BusError, busTimeout, type Lease} from '#candy/rooms/bus.js'
import {join, until, type Joined} from '../support/bus-node.js'
import {FaultProxy} from '../support/fault-proxy.js'
import {callsOf, type BusWorld} from './bus.js'

/** What a bus promises while its server is gone, hangs, or cannot be reached: for a server that the tests may end. */
export function outageContract(world: () => BusWorld): void {
  /** Milliseconds that a busy machine may add. */
  const slack = 1_500

  const one = async (holds?: readonly Lease[], port?: number): Promise<Joined> => {
    const joined = join(await world().bus(port), holds)
    await until(joined, 'up')
    return joined
  }
  const ids = async ({link}: Joined, group: string) => (await link.leases(group)).map(({id}) => id).toSorted()

  /** Each is refused, as a `BusError`, within so many milliseconds. */
  const refused = async (node: Joined, within: number) => {
    const calls = [...callsOf(node), () => node.link.watch('w'), () => node.link.subscribe('s')]
    const before = performance.now()
    const results = await Promise.allSettled(calls.map(call => call()))
    expect(performance.now() - before).toBeLessThan(within)
    const errors = results.map(result => result.status === 'rejected' && (result.reason as unknown))
    // A subscription may be taken for later: it holds when the bus is up.
    for (const error of errors.slice(0, 4)) expect(error).toBeInstanceOf(BusError)
    for (const error of errors.slice(4)) if (error) expect(error).toBeInstanceOf(BusError)
  }

  describe('its server is gone', () => {
    it('tells it once, refuses at once, and makes good when it is back', async ({skip}) => {
      const {server} = world()
      if (!server) return skip('no server of our own')
      const held = [{group: 'kept', id: '1', value: 'x'}]
      const [a, b] = [await one(held), await one()]
      await b.link.subscribe('before')
      await b.link.subscribe('given-up')
      await b.link.watch('kept')
      await server.kill()
      await Promise.all([until(a, 'down', busTimeout + slack), until(b, 'down', busTimeout + slack)])
      expect(a.node.errors[0]).toBeInstanceOf(Error)
      await refused(a, 300)
      // Made up for.
      await b.link.subscribe('meanwhile').catch(() => undefined)
      await b.link.unsubscribe('given-up').catch(() => undefined)
      await b.link.watch('group-of-later').catch(() => undefined)
      a.node.holds = [...held, {group: 'kept', id: '2', value: 'y'}]

      await server.restart()
      await Promise.all([until(a, 'up'), until(b, 'up')])
      expect(a.node.states).toEqual(['up', 'down', 'up'])
      await a.link.publish('given-up', Buffer.from('1'))
      await a.link.publish('before', Buffer.from('1'))
      await a.link.publish('meanwhile', Buffer.from('1'))
      await expect.poll(() => b.node.heard.toSorted()).toEqual(['before 1', 'meanwhile 1'])
      await expect.poll(() => ids(b, 'kept')).toEqual(['1', '2'])
      await expect.poll(() => b.node.changes.map(({group}) => group)).toContain('kept')
      await a.link.hold([{group: 'group-of-later', id: '1', value: 'x'}])
      await expect.poll(() => b.node.changes.map(({group}) => group)).toContain('group-of-later')
    })

    it('waits for one that is not there yet, and ends while it waits', async ({skip}) => {
      const {server} = world()
      if (!server) return skip('no server of our own')
      await server.kill()
      const [a, b] = [join(await world().bus()), join(await world().bus())]
      await until(a, 'down', busTimeout + slack)
      await a.link.subscribe('early').catch(() => undefined)
      const before = performance.now()
      await b.link.close()
      expect(performance.now() - before).toBeLessThan(busTimeout + slack)
      await server.restart()
      await until(a, 'up')
      const c = await one()
      await c.link.publish('early', Buffer.from('1'))
      await expect.poll(() => a.node.heard).toEqual(['early 1'])
      expect(b.node.states).not.toContain('up')
    })

    it('hears nothing twice, though it comes and goes', async ({skip}) => {
      const {server} = world()
      if (!server) return skip('no server of our own')
      const [a, b] = [await one(), await one()]
      await b.link.subscribe('x')
      let n = 0
      const end = new AbortController()
      const accepted: string[] = []
      const publishing = (async () => {
        for (; !end.signal.aborted; n++) {
          const message = `${n}`
          void a.link.publish('x', Buffer.from(message)).then(
            () => accepted.push(`x ${message}`),
            () => undefined,
          )
          await delay(2)
        }
      })()
      for (let round = 0; round < 2; round++) {
        await server.restart()
        await Promise.all([until(a, 'up'), until(b, 'up')])
        await delay(100)
      }
      end.abort()
      await publishing
      // The last may be heard before its publish has resolved.
      await expect.poll(() => b.node.heard.at(-1) === accepted.at(-1)).toBe(true)
      const numbers = b.node.heard.map(words => Number(words.slice(2)))
      expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other))
    })
  })

  it('its server hangs: what was asked is refused in time, then at once; it comes back by itself', async ({
    skip,
  }) => {
    const {server} = world()
    if (!server) return skip('no server of our own')
    const [a, b] = [await one(), await one()]
    await b.link.subscribe('x')
    await server.pause()
    onTestFinished(() => server.resume())
    const loop = monitorEventLoopDelay({resolution: 10})
    loop.enable()
    await refused(a, busTimeout + slack)
    await until(a, 'down')
    await refused(a, 300)
    const many = Array.from({length: 5_000}, () => a.link.publish('x', Buffer.alloc(1_000)))
    await Promise.allSettled(many)
    await until(b, 'down', busTimeout + slack)
    loop.disable()
    expect(loop.percentile(50) / 1e6).toBeLessThan(100)
    server.resume()
    await Promise.all([until(a, 'up', 10_000), until(b, 'up', 10_000)])
    b.node.heard.length = 0
    await a.link.publish('x', Buffer.from('back'))
    await expect.poll(() => b.node.heard).toContain('x back')
  }, 20_000)

  describe('a node that cannot be reached', () => {
    it('is dead within the lease time, for leases() and for who watches; then it lives again', async ({
      skip,
    }) => {
      const {server, leaseTime} = world()
      if (!server) return skip('no server of our own')
      const line = await FaultProxy.open(server.port)
      const mine = Array.from({length: 50}, (_, n) => ({group: 'there', id: `a${n}`, value: 'x'}))
      const a = await one(mine, line.port)
      const [b, c] = [await one([{group: 'there', id: 'b', value: 'x'}]), await one()]
      await c.link.watch('there')
      await expect.poll(async () => (await ids(c, 'there')).length).toBe(51)
      c.node.changes.length = 0
      line.becomes('blackhole')
      await expect.poll(() => ids(c, 'there'), {timeout: leaseTime + slack, interval: 50}).toEqual(['b'])
      await expect.poll(() => c.node.changes.map(({group}) => group)).toContain('there')
      expect(await ids(b, 'there')).toEqual(['b'])

      await until(a, 'down')
      a.node.holds = mine.slice(0, 2)
      line.becomes('none')
      await until(a, 'up', 10_000)
      await expect.poll(() => ids(c, 'there')).toEqual(['a0', 'a1', 'b'])
      await a.link.hold([{group: 'there', id: 'a0', value: undefined}])
      await expect.poll(() => ids(c, 'there')).toEqual(['a1', 'b'])
    }, 30_000)

    it('for less than that loses nothing that it holds, and tells what it let go meanwhile', async ({
      skip,
    }) => {
      const {server, leaseTime} = world()
      if (!server) return skip('no server of our own')
      const line = await FaultProxy.open(server.port)
      const a = await one([{group: 'blip', id: '1', value: 'x'}], line.port)
      await a.link.hold([{group: 'blip', id: '2', value: 'x'}])
      const b = await one()
      await b.link.watch('blip')
      await expect.poll(() => ids(b, 'blip')).toEqual(['1', '2'])
      b.node.changes.length = 0
      line.reset()
      await until(a, 'down')
      await until(a, 'up')
      await expect.poll(() => ids(b, 'blip')).toEqual(['1'])
      await expect.poll(() => b.node.changes.map(({group}) => group)).toContain('blip')
      // Its lease is renewed as ever.
      await delay(leaseTime * 1.3)
      expect(await ids(b, 'blip')).toEqual(['1'])
    }, 20_000)

    it('hears of denials when it is back', async ({skip}) => {
      const {server} = world()
      if (!server) return skip('no server of our own')
      const line = await FaultProxy.open(server.port)
      const [a, b] = [await one([], line.port), await one()]
      line.becomes('blackhole')
      await until(a, 'down', busTimeout * 2 + slack)
      await b.link.deny({what: 'missed', until: Date.now() + 60_000})
      line.becomes('none')
      await until(a, 'up', 10_000)
      await expect.poll(() => a.node.denials.map(({what}) => what)).toContain('missed')
    }, 20_000)
  })
}
