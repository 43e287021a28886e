import {setTimeout as delay} from 'node:timers/promises'
import {load} from '../load/load.js'
import {peers} from '../peers.js'
import {serve} from '../serving.js'
import {verify} from '../verify.js'

const text = 'a text that was said in a room and is to be heard by everybody in it, about a hundred bytes'

/** Nodes of one peer on one bus, each asked whether it hears the others. */
export async function startNodes(name, count, buses, flags = []) {
  const env = {BENCH_BUS: buses[peers[name].bus ?? 'redis'].url}
  const nodes = await Promise.all(Array.from({length: count}, () => serve(name, 'nodes', 'tcp', flags, env)))
  const stop = () => Promise.all(nodes.map(node => node.stop()))
  try {
    // A server serves before its bus is there.
    await delay(500)
    for (const other of nodes.slice(1)) await verify(nodes[0], other)
    return {nodes, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

/** One sender, a room with members on two nodes, so many broadcasts on their way at once. */
function fanOver(buses, window, members, goals) {
  return {
    name: `nodes-${window}-${members}`,
    group: 'nodes',
    title: `A room of ${members.toLocaleString('en')} on two nodes, ${window === 1 ? 'isolated broadcasts' : `${window} broadcasts outstanding`}`,
    unit: 'µs of CPU of both servers per delivery',
    // They are in no run that the guard holds Candy against.
    guarded: false,
    peers: ['candy-nats', 'socketio-redis'],
    goals,
    async start(name) {
      const {nodes, stop} = await startNodes(name, 2, buses)
      const servers = {
        name,
        pid: nodes.map(({pid}) => pid),
        address: {port: nodes.map(({address}) => address.port)},
        protocol: nodes[0].protocol,
      }
      const message = servers.protocol.say(text)
      return {
        name,
        stop,
        // The load sleeps while it waits: the bus has the same core.
        measure: time => load(servers, 'fan', {connections: members, window, message, ...time, block: true}),
      }
    },
    cost: figures => figures.serverMicros,
  }
}

const atLeastFour = [
  {against: 'socketio-redis', atLeast: 4, aim: 6},
  {of: 'candy-nats', against: 'socketio-redis', atLeast: 4, aim: 6, title: 'on NATS'},
]

/** @param buses `{redis: {url}, nats: {url}}` */
export function nodesSuites(buses) {
  return [
    fanOver(buses, 4, 1_000, atLeastFour),
    fanOver(buses, 16, 1_000, atLeastFour),
    fanOver(buses, 1, 1_000, []),
    fanOver(buses, 16, 20, []),
    fanOver(buses, 1, 20, []),
  ]
}
