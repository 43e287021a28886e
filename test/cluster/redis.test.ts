import {randomBytes} from 'node:crypto'
import {createClient} from 'redis'
import {redisBus} from '#candy/cluster/redis.js'
import {busContract} from '../contracts/bus.js'
import {describeWith, TestServer} from '../support/servers.js'

const prefix = () => `candy-test-${randomBytes(6).toString('hex')}`
const leaseTime = 3_000

describeWith('redis', true, 'redis', () => {
  busContract('redis 6', async () => {
    const server = await TestServer.start('redis')
    const own = prefix()
    return {
      server,
      leaseTime,
      bus: (port = server.port) =>
        redisBus(createClient({url: `redis://127.0.0.1:${port}`}), {prefix: own, leaseTime}),
    }
  })
})
