import {setTimeout as delay} from 'node:timers/promises'
import {holding} from './load/load.js'
import {startNodes} from './suites/nodes.js'

const connections = 10_000

/**
 * Two nodes, and connections on the first, each in one room: what does each take, there, on the node that only hears of it, and in
 * the server of the bus?
 *
 * @returns bytes per connection, `{here, elsewhere, bus}`: of the heaps, and of the whole process of the bus
 */
export async function heldPerConnection(name, buses, bus) {
  const {nodes, stop} = await startNodes(name, 2, buses)
  const all = async () => [
    ...(await Promise.all(nodes.map(async node => (await node.memory()).heapUsed))),
    await bus.memory(),
  ]
  try {
    // Whoever is asked for the first time loads what it takes to answer.
    await all()
    const before = await all()
    const after = await holding(nodes[0], {connections, atOnce: 256}, async () => {
      // What is told of who has come is told a little later.
      await delay(2_000)
      return all()
    })
    const [here, elsewhere, inBus] = after.map((bytes, n) => (bytes - before[n]) / connections)
    return {here, elsewhere, bus: inBus}
  } finally {
    await stop()
  }
}
