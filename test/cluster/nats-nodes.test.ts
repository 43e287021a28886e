import {grace, nodesContract} from '../contracts/nodes.js'
import {childNode} from '../support/cluster.js'
import {metrics} from '../support/metrics.js'
import {describeWith, freePort, TestServer} from '../support/servers.js'

interface Subscriptions {
  readonly subscriptions_list?: readonly {readonly subject: string}[]
}

describeWith('nats', true, 'three processes on one NATS', () => {
  nodesContract('nats', async () => {
    const port = await freePort()
    const {url} = await TestServer.start('nats', ['--http_port', `${port}`])
    return {
      bus: url,
      node: () => childNode({bus: {url}, presenceGrace: grace, metrics}),
      subscribers: async channel => {
        const answer = await fetch(`http://127.0.0.1:${port}/subsz?subs=1&limit=100000`)
        const {subscriptions_list: all = []} = (await answer.json()) as Subscriptions
        return all.filter(({subject}) => subject === `candy.${channel}`).length
      },
    }
  })
})
