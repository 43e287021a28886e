import {once} from 'node:events'
import {WebSocket} from 'ws'
import {inTurn} from './process.js'
import {median, spread, table} from './stats.js'

const servers = ['ws', 'function', 'class']
const rounds = 21
const connections = 1_000
const atOnce = 20

async function visit(url) {
  const socket = new WebSocket(url, {perMessageDeflate: false})
  await once(socket, 'open')
  socket.close(1_000)
  await once(socket, 'close')
}

/** Server microseconds per connection that opens and closes. */
async function round({url, cpu}) {
  const before = await cpu()
  let left = connections
  const visitor = async () => {
    while (left-- > 0) await visit(url)
  }
  await Promise.all(Array.from({length: atOnce}, visitor))
  return ((await cpu()) - before) / connections
}

/** One client drives all servers; the ratio is taken within each round. */
export async function connectBench() {
  const costs = await inTurn(servers, rounds, round)
  const bare = costs.get('ws')
  table([
    ['connect + close', 'server CPU, µs', 'x bare ws, per round'],
    ...servers.map(name => [
      name === 'ws' ? 'bare ws' : `candy, a ${name}`,
      spread(costs.get(name), 0),
      spread(
        costs.get(name).map((cost, n) => cost / bare[n]),
        2,
      ),
    ]),
  ])
  return median(costs.get('function').map((cost, n) => cost / bare[n]))
}
