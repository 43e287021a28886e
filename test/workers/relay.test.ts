import {setTimeout as delay} from 'node:timers/promises'
import {expect, it} from 'vitest'
import type {RelayChannel} from '#candy/cluster/relay-link.js'
import type {FromRelay, ToRelay} from '#candy/cluster/relay-message.js'
import {workersBus} from '#candy/cluster/workers.js'
import {Relay, type Peer} from '#candy/workers/relay.js'
import {busContract} from '../contracts/bus.js'
import {join, until, type Joined} from '../support/bus-node.js'

/** One worker and its channel to the relay, without the processes: what is sent is copied, and comes later. */
class Worker implements Peer, RelayChannel {
  /** Messages that were given to it. */
  sent: FromRelay[] = []
  readonly #relay: Relay
  readonly #listeners = new Set<(message: FromRelay) => void>()
  /** What it has not taken, while it stands still. */
  #standing: (() => void)[] | undefined

  constructor(relay: Relay) {
    this.#relay = relay
  }

  send(message: FromRelay | ToRelay, done: (error: Error | null) => void): void {
    const copy = structuredClone(message)
    const pass = () => {
      done(null)
      if ('act' in copy) this.#relay.hear(this, copy)
      else for (const hear of this.#listeners) hear(copy)
    }
    if ('told' in message) this.sent.push(message)
    if (this.#standing && 'told' in message) this.#standing.push(pass)
    else setImmediate(pass)
  }

  listen(hear: (message: FromRelay) => void): () => void {
    this.#listeners.add(hear)
    return () => void this.#listeners.delete(hear)
  }

  stop(): void {
    this.#standing = []
  }

  goOn(): void {
    for (const pass of this.#standing!) setImmediate(pass)
    this.#standing = undefined
  }

  /** Its process ends. */
  die(): void {
    this.#listeners.clear()
    this.#relay.left(this)
  }
}

busContract(
  'workers',
  async () => {
    const relay = new Relay()
    return {bus: () => workersBus(new Worker(relay)), leaseTime: 60_000}
  },
  false,
)

async function joined(worker: Worker): Promise<Joined> {
  const one = join(workersBus(worker))
  await until(one, 'up')
  return one
}

async function two() {
  const relay = new Relay()
  const workers = [new Worker(relay), new Worker(relay)] as const
  return {relay, workers, nodes: [await joined(workers[0]), await joined(workers[1])] as const}
}

it('a worker that dies takes its leases with it at once', async () => {
  const {workers, nodes} = await two()
  await nodes[1].link.watch('g')
  await nodes[0].link.hold([{group: 'g', id: '1', value: 'a'}])
  await expect.poll(() => nodes[1].link.leases('g')).toHaveLength(1)
  workers[0].die()
  await expect.poll(() => nodes[1].link.leases('g')).toEqual([])
  expect(nodes[1].node.changes.at(-1)).toEqual({
    group: 'g',
    changes: [{group: 'g', id: '1', value: undefined}],
  })
})

it('a worker that stands still costs little, misses messages, and is told so when it goes on', async () => {
  const {workers, nodes} = await two()
  const [a, b] = nodes
  await b.link.subscribe('x')
  workers[1].stop()
  workers[1].sent = []
  const message = Buffer.alloc(1024 * 1024)
  for (let count = 0; count < 100; count += 1) await a.link.publish('x', message)
  await delay(10)
  expect(workers[1].sent.length).toBeLessThan(20)
  workers[1].goOn()
  await expect.poll(() => b.node.states).toEqual(['up', 'down', 'up'])
  expect(b.node.errors[0]!.message).toMatch(/messages were dropped/)
  await a.link.publish('x', Buffer.from('there'))
  await expect.poll(() => b.node.heard.at(-1)).toBe('x there')
  expect(a.node.states).toEqual(['up'])
})

it('what the primary does not take is refused in time, and comes back by itself', async () => {
  const {relay, nodes} = await two()
  const [a, b] = nodes
  await b.link.subscribe('x')
  const hear = relay.hear.bind(relay)
  relay.hear = () => undefined
  await expect(a.link.subscribe('y')).rejects.toThrow(/has not answered/)
  await expect(a.link.publish('x', Buffer.from('1'))).rejects.toThrow(/down/)
  relay.hear = hear
  await until(a, 'up')
  await until(b, 'up')
  await a.link.publish('x', Buffer.from('2'))
  await expect.poll(() => b.node.heard).toEqual(['x 2'])
})

it('looks at nothing that the code of an app sends', () => {
  const relay = new Relay()
  const worker = new Worker(relay)
  for (const sent of [
    undefined,
    null,
    'text',
    7,
    {},
    {candy: 'relay'},
    {candy: 'relay', act: 'publish', node: 'n'},
  ])
    relay.hear(worker, sent)
  expect(worker.sent).toEqual([])
})
