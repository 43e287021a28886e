import {it} from 'vitest'
import {Cluster} from 'ioredis'
import {redisBus} from '#candy/cluster/redis.js'
import {RedisCluster} from './support/redis-cluster.js'
import {NotedNode} from './support/bus-node.js'
it('x', async () => {
  const c = await RedisCluster.start()
  for (let i = 0; i < 20; i++) {
    const bus = redisBus(new Cluster([c.url], {lazyConnect: true}), {prefix: 'p', leaseTime: 2000})
    const n = new NotedNode()
    const l = bus.connect(n)
    await new Promise(r => setTimeout(r, 150))
    await l.hold(Array.from({length: 200}, (_, k) => ({group: 'g' + k, id: '1', value: 'x'}))).catch(e => console.log('hold', e.message))
    console.log(n.states, n.errors.map(e => e.message))
    await l.close()
  }
}, 60000)
