import {memoryBus, type Bus, type BusLink, type BusNode} from 'candy-ws'
import {grace, nodesContract} from '../contracts/nodes.js'
import {localNode} from '../support/cluster.js'

nodesContract('memory', async () => {
  const bus = new CountedBus(memoryBus())
  return {
    bus,
    subscribers: async channel => bus.nodesOf(channel).size,
    node: () => localNode({bus, presenceGrace: grace}),
  }
})

/** A bus that knows which nodes are subscribed to a channel. */
class CountedBus implements Bus {
  readonly kind: string
  readonly #inner: Bus
  readonly #channels = new Map<string, Set<string>>()

  constructor(inner: Bus) {
    this.kind = inner.kind
    this.#inner = inner
  }

  connect(node: BusNode): BusLink {
    const link = this.#inner.connect(node)
    const [subscribe, unsubscribe] = [link.subscribe.bind(link), link.unsubscribe.bind(link)]
    return Object.assign(link, {
      subscribe: (channel: string) => {
        this.nodesOf(channel).add(node.id)
        return subscribe(channel)
      },
      unsubscribe: (channel: string) => {
        this.nodesOf(channel).delete(node.id)
        return unsubscribe(channel)
      },
    })
  }

  nodesOf(channel: string): Set<string> {
    const nodes = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, nodes)
    return nodes
  }
}
