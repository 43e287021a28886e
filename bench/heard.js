import {setTimeout as delay} from 'node:timers/promises'
import {startNodes} from './suites/nodes.js'
import {open} from './verify.js'

const broadcasts = 100

/**
 * Three nodes, a room with members on two: how many messages of the bus does each node hear for one broadcast?
 *
 * @returns `{sends, hears, hasNobody}`: the node that it comes from, the other with members, and the one without
 */
export async function heardPerBroadcast(name, buses) {
  const {nodes, stop} = await startNodes(name, 3, buses)
  const clients = await Promise.all([nodes[0], nodes[0], nodes[1], nodes[1]].map(open))
  try {
    // Rooms are being joined, and those left that were joined to see whether all is well.
    await delay(1_000)
    const before = await Promise.all(nodes.map(node => node.memory()))
    for (let count = 0; count < broadcasts; count += 1) {
      clients[0].send(nodes[0].protocol.say(`number ${count}`))
      for (const client of clients) await client.read()
    }
    const after = await Promise.all(nodes.map(node => node.memory()))
    const [sends, hears, hasNobody] = after.map(({heard}, n) => (heard - before[n].heard) / broadcasts)
    return {sends, hears, hasNobody}
  } finally {
    for (const {socket} of clients) socket.terminate()
    await stop()
  }
}
