import {createClient} from 'redis'
import {beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {redisBus} from '#candy/cluster/redis.js'
import {slotOf} from '#candy/cluster/redis-slots.js'
import {busContract} from '../contracts/bus.js'
import {join, until} from '../support/bus-node.js'
import {clusters, freshPrefix} from '../support/redis-clients.js'
import {RedisCluster} from '../support/redis-cluster.js'
import {describeWith} from '../support/servers.js'

const leaseTime = 2_000

describeWith('redis', true, 'Redis Cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => void (cluster = await RedisCluster.start()))

  for (const [name, make] of Object.entries(clusters)) {
    busContract(
      `${name}, three masters`,
      () => {
        const prefix = freshPrefix()
        return Promise.resolve({leaseTime, bus: () => redisBus(make(cluster.url), {prefix, leaseTime})})
      },
      false,
    )
  }

  /** A client of one of the servers. */
  const at = async (n: number) => {
    const client = await createClient({url: cluster.servers[n]!.url}).connect()
    onTestFinished(() => client.destroy())
    return client
  }

  it('has the slots of the specification', async () => {
    const client = await at(0)
    for (const key of ['', 'foo', 'candy:m:ré', 'a{b}c', 'a{}b', 'a{b', '}a{b}{c}', '123456789'])
      expect([key, slotOf(key)]).toEqual([key, await client.clusterKeySlot(key)])
  })

  describe.each(['redis 6', 'ioredis 6'])('%s', name => {
    const two = async () => {
      const prefix = freshPrefix()
      const bus = () => redisBus(clusters[name]!(cluster.url), {prefix, leaseTime})
      const [a, b] = [join(bus()), join(bus())]
      await Promise.all([until(a, 'up'), until(b, 'up')])
      return {prefix, a, b}
    }
    const channels = Array.from({length: 30}, (_, n) => `c${n}`)

    it('subscribes where the slot of the channel is, and nowhere else', async () => {
      const {prefix, b} = await two()
      await Promise.all(channels.map(channel => b.link.subscribe(channel)))
      const found = await Promise.all(
        cluster.servers.map(async (_, n) => (await at(n)).pubSubShardChannels(`${prefix}:m:*`)),
      )
      for (const [n, names] of found.entries()) {
        expect(names.length).toBeGreaterThan(0)
        for (const channel of names) expect(Math.floor(slotOf(channel) / 5461.5)).toBe(n)
      }
      expect(found.flat().toSorted()).toEqual(channels.map(channel => `${prefix}:m:${channel}`).toSorted())
    })

    it('is down while a master is, and comes back with every channel', async () => {
      const {a, b} = await two()
      await Promise.all(channels.map(channel => b.link.subscribe(channel)))
      await cluster.servers[1]!.kill()
      await Promise.all([until(a, 'down'), until(b, 'down')])
      await cluster.servers[1]!.restart()
      await Promise.all([until(a, 'up', 15_000), until(b, 'up', 15_000)])
      // The others may still think that it is not there.
      for (const channel of channels)
        await expect.poll(() => a.link.publish(channel, Buffer.from('1')).then(() => true)).toBe(true)
      await expect.poll(() => new Set(b.node.heard).size).toBe(channels.length)
    }, 25_000)

    it('follows a slot that is moved to another server', async () => {
      const {prefix, a, b} = await two()
      await b.link.subscribe('moved')
      const slot = slotOf(`${prefix}:m:moved`)
      const nodes = await Promise.all([0, 1, 2].map(at))
      const ids = await Promise.all(nodes.map(node => node.clusterMyId()))
      const owner = Math.floor(slot / 5461.5)
      const moveTo = async (id: string) => {
        for (const node of nodes) await node.sendCommand(['CLUSTER', 'SETSLOT', `${slot}`, 'NODE', id])
      }
      await moveTo(ids[(owner + 1) % 3]!)
      onTestFinished(() => moveTo(ids[owner]!))
      await expect
        .poll(async () => {
          await a.link.publish('moved', Buffer.from('1')).catch(() => undefined)
          return b.node.heard
        })
        .toContain('moved 1')
    }, 15_000)
  })
})
