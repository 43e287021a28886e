import type {AppOptions} from 'candy-ws'
import {fork, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {clusterApp, type Sending} from './cluster-app.js'
import {ClusterClient, type Probe} from './cluster-client.js'
import type {NodeOptions} from './cluster-node.js'
import {eventually} from './eventually.js'
import {memoryLogger} from './log.js'
import {bearer, metrics, Scrape} from './metrics.js'
import {cookiesOf} from './visitor.js'

/** One node of the app, in this process or in one of its own. */
export interface ClusterNode {
  readonly url: string
  /** Where it is in a process of its own. */
  readonly child?: ChildProcess
  close(): Promise<void>
}

/** A node in this process. */
export async function localNode(options: AppOptions): Promise<ClusterNode> {
  const app = await clusterApp({logger: memoryLogger(), metrics, ...options})
  const {url} = await app.listen({port: 0})
  return {url, close: () => app.close({drain: 500})}
}

const nodeFile = fileURLToPath(new URL('cluster-node.ts', import.meta.url))
const loader = fileURLToPath(new URL('typescript.mjs', import.meta.url))

/** A node in a process of its own. */
export async function childNode(options: NodeOptions): Promise<ClusterNode> {
  const child = fork(nodeFile, [JSON.stringify(options)], {execArgv: ['--expose-gc', '--import', loader]})
  const ended = once(child, 'exit')
  const url = await Promise.race([
    once(child, 'message').then(([begun]) => (begun as {url: string}).url),
    ended.then(([code]) => Promise.reject(new Error(`a node has ended with ${String(code)}`))),
  ])
  const close = async () => {
    if (child.connected) child.send('close')
    await ended
  }
  return {url, child, close}
}

/** Several nodes of one app, and clients of it. */
export class Cluster {
  readonly nodes: ClusterNode[] = []
  readonly #clients = new Set<ClusterClient>()
  /** One of each node, which hears nothing. */
  readonly #controls: ClusterClient[] = []
  readonly #cookies = new Map<string, string>()
  #probes = 0

  /** Begins the nodes, all at once. */
  static async of(...nodes: readonly Promise<ClusterNode>[]): Promise<Cluster> {
    const cluster = new Cluster()
    const results = await Promise.allSettled(nodes)
    for (const result of results) if (result.status === 'fulfilled') await cluster.add(result.value)
    const failed = results.find(result => result.status === 'rejected')
    if (!failed) return cluster
    await cluster.end()
    throw failed.reason
  }

  async add(node: ClusterNode): Promise<number> {
    this.#controls.push(await ClusterClient.open(node.url, '/guest'))
    return this.nodes.push(node) - 1
  }

  /** Ends the node that was added last. */
  async remove(at: number): Promise<void> {
    await this.#controls.splice(at, 1)[0]!.close()
    await this.nodes.splice(at, 1)[0]!.close()
  }

  /** A client of nobody's, which has the node do things and is in no room. */
  control(at: number): ClusterClient {
    return this.#controls[at]!
  }

  async client(at: number, path = '/guest', cookie?: string): Promise<ClusterClient> {
    const client = await ClusterClient.open(this.nodes[at]!.url, path, cookie)
    this.#clients.add(client)
    return client
  }

  /** A connection of a user, who logs in once, at the first node. */
  async user(id: string, at: number): Promise<ClusterClient> {
    if (!this.#cookies.has(id)) this.#cookies.set(id, await this.logIn(id, 0))
    return this.client(at, '/user', this.#cookies.get(id))
  }

  /** @returns the cookies of a new browser in which somebody has logged in */
  async logIn(id: string, at: number): Promise<string> {
    const response = await fetch(`${this.nodes[at]!.url}/login`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({id}),
    })
    if (!response.ok) throw new Error(`the login was answered with ${response.status}`)
    return cookiesOf(response)
  }

  /** What a node tells of itself at `/_candy/metrics`. */
  async metrics(at: number): Promise<Scrape> {
    const answer = await fetch(`${this.nodes[at]!.url}/_candy/metrics`, {headers: bearer})
    return new Scrape(await answer.text())
  }

  /** What a load balancer is told. */
  async readiness(at: number): Promise<string> {
    return (await fetch(`${this.nodes[at]!.url}/_candy/ready`)).text()
  }

  /**
   * Until each of the clients has been reached from every node: then all are subscribed, and what a node has sent them before
   * has come, since it came first.
   */
  async reached(to: Pick<Sending, 'rooms' | 'user'>, clients: Iterable<ClusterClient>): Promise<void> {
    const key = (this.#probes += 1)
    const all = [...clients]
    const probe = async (control: ClusterClient, from: number) =>
      control.do('send', {...to, data: {type: 'probe', key, from} satisfies Probe})
    await eventually(
      async () => {
        await Promise.all(this.#controls.map(probe))
        return all.every(client => client.probes(key) === this.#controls.length)
      },
      `probes to ${JSON.stringify(to)} from all`,
    )
  }

  /** Until everything has come that was sent before. */
  async settled(): Promise<void> {
    await this.reached(
      {},
      [...this.#clients].filter(client => !client.isClosed),
    )
  }

  /** Ends the clients of one test. */
  async forget(): Promise<void> {
    await Promise.all([...this.#clients].map(client => client.close()))
    this.#clients.clear()
  }

  async end(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.close()))
  }
}
