import {createClient} from 'redis'
import {TestServer} from './servers.js'

/** Three masters, each with a third of the slots, and no replicas. They end with the file that began them. */
export class RedisCluster {
  readonly servers: readonly TestServer[]

  private constructor(servers: readonly TestServer[]) {
    this.servers = servers
  }

  static async start(): Promise<RedisCluster> {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
    const servers = await Promise.all([0, 1, 2].map(() => TestServer.start('redis', options)))
    const clients = await Promise.all(servers.map(({url}) => createClient({url}).connect()))
    const slots = [0, 5461, 10923, 16384]
    await Promise.all(
      clients.map((client, n) => client.clusterAddSlotsRange({start: slots[n]!, end: slots[n + 1]! - 1})),
    )
    await Promise.all(servers.slice(1).map(({port}) => clients[0]!.clusterMeet('127.0.0.1', port)))
    const isWhole = async () => {
      const infos = await Promise.all(clients.map(client => client.clusterInfo()))
      return infos.every(
        info => info.includes('cluster_state:ok') && info.includes('cluster_slots_assigned:16384'),
      )
    }
    while (!(await isWhole())) await new Promise(resolve => setTimeout(resolve, 20))
    for (const client of clients) client.destroy()
    return new RedisCluster(servers)
  }

  get url(): string {
    return this.servers[0]!.url
  }
}
