import {fork} from 'node:child_process'
import {once} from 'node:events'
import {WebSocket} from 'ws'
import {median, spread, table} from './stats.js'

const servers = ['ws', 'function', 'class']
const rounds = 21
const connections = 1_000
const atOnce = 20

/** A server in a process of its own, which tells the CPU time it has used, in microseconds. */
async function start(name) {
  const child = fork(new URL('server.js', import.meta.url), [name], {
    env: {...process.env, CANDY_SECRET: 'a secret for the bench, of 32 characters or more'},
  })
  const [{url}] = await once(child, 'message')
  const cpu = async () => {
    child.send('cpu')
    return (await once(child, 'message'))[0].cpu
  }
  return {name, url, cpu, stop: () => child.kill()}
}

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

/** One client drives all servers in turn; the ratio is taken within each round. */
export async function connectBench() {
  const running = await Promise.all(servers.map(start))
  const costs = new Map(servers.map(name => [name, []]))
  try {
    for (let n = -2; n < rounds; n += 1) {
      // The order turns, so that no server always runs after the same one.
      for (let step = 0; step < running.length; step += 1) {
        const server = running[(step + n + running.length) % running.length]
        const cost = await round(server)
        if (n >= 0) costs.get(server.name).push(cost)
      }
    }
  } finally {
    for (const server of running) server.stop()
  }
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
