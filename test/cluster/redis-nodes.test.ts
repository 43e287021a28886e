import {createClient} from 'redis'
import {grace, nodesContract} from '../contracts/nodes.js'
import {childNode} from '../support/cluster.js'
import {metrics} from '../support/metrics.js'
import {describeWith, TestServer} from '../support/servers.js'

describeWith('redis', true, 'three processes on one Redis', () => {
  nodesContract('redis', async () => {
    const {url} = await TestServer.start('redis')
    const own = createClient({url})
    // Nobody asks it any more when the server ends.
    own.on('error', () => undefined)
    await own.connect()
    return {
      bus: url,
      node: () => childNode({bus: {url}, presenceGrace: grace, metrics}),
      subscribers: async channel => {
        const counts = await own.pubSubNumSub(`candy:m:${channel}`)
        return Number(counts[`candy:m:${channel}`])
      },
      close: () => own.close(),
    }
  })
})
