import {redisBus} from '#candy/cluster/redis.js'
import {busContract} from '../contracts/bus.js'
import {clients, freshPrefix} from '../support/redis-clients.js'
import {describeWith, sharedUrl, TestServer} from '../support/servers.js'

const leaseTime = 2_000

describeWith('redis', true, 'redis', () => {
  for (const [name, make] of Object.entries(clients)) {
    // What is lost and found does not go through a library: two of them show it.
    busContract(
      name,
      async () => {
        const server = await TestServer.start('redis')
        const prefix = freshPrefix()
        return {
          server,
          leaseTime,
          bus: (port = server.port) => redisBus(make(`redis://127.0.0.1:${port}`), {prefix, leaseTime}),
        }
      },
      name.endsWith('6'),
    )
  }
})

const url = sharedUrl('redis')
if (url) {
  busContract('a redis that is shared', () => {
    const prefix = freshPrefix()
    return Promise.resolve({
      leaseTime,
      bus: () => redisBus(clients['redis 6']!(url), {prefix, leaseTime}),
    })
  })
}
