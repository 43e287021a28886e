import {randomBytes} from 'node:crypto'
import {Cluster, Redis} from 'ioredis'
import {Redis as Redis5} from 'ioredis5'
import {createClient, createCluster} from 'redis'
import {createClient as createClient5, createCluster as createCluster5} from 'redis5'
import {Cluster as Cluster5} from 'ioredis5'
import {redisBus, type RedisClient} from '#candy/cluster/redis.js'
import {busContract} from '../contracts/bus.js'
import {RedisCluster} from '../support/redis-cluster.js'
import {describeWith, sharedUrl, TestServer} from '../support/servers.js'

const prefix = () => `candy-test-${randomBytes(6).toString('hex')}`
const leaseTime = 2_000

const libraries: Record<string, (url: string) => RedisClient> = {
  'redis 6': url => createClient({url}),
  'redis 5': url => createClient5({url}),
  'ioredis 6': url => new Redis(url, {lazyConnect: true}),
  'ioredis 5': url => new Redis5(url, {lazyConnect: true}),
}

const clusters: Record<string, (url: string) => RedisClient> = {
  'redis 6': url => createCluster({rootNodes: [{url}]}),
  'redis 5': url => createCluster5({rootNodes: [{url}]}),
  'ioredis 6': url => new Cluster([url], {lazyConnect: true}),
  'ioredis 5': url => new Cluster5([url], {lazyConnect: true}),
}

describeWith('redis', true, 'redis', () => {
  for (const [name, make] of Object.entries(libraries)) {
    busContract(name, async () => {
      const server = await TestServer.start('redis')
      const own = prefix()
      return {
        server,
        leaseTime,
        bus: (port = server.port) => redisBus(make(`redis://127.0.0.1:${port}`), {prefix: own, leaseTime}),
      }
    })
  }

  for (const [name, make] of Object.entries(clusters)) {
    busContract(`a cluster with ${name}`, async () => {
      const cluster = await RedisCluster.start()
      const own = prefix()
      return {leaseTime, bus: () => redisBus(make(cluster.url), {prefix: own, leaseTime})}
    })
  }
})

describeWith('redis', false, 'a shared redis', () => {
  busContract('redis', async () => {
    const url = sharedUrl('redis') ?? (await TestServer.start('redis')).url
    const own = prefix()
    return {leaseTime, bus: () => redisBus(createClient({url}), {prefix: own, leaseTime})}
  })
})
