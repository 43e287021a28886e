import {rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {compressedFrame} from '../load/frame.js'
import {holding} from '../load/load.js'

/** What the server's memory grew by for each connection that it holds, after a collection before and after. */
async function memoryPerConnection(server, connections, options) {
  const before = await server.memory()
  const after = await holding(server, {connections, atOnce: 256, ...options}, () => server.memory())
  return {
    bytes: (after.rss - before.rss) / connections,
    heap: (after.heapUsed - before.heapUsed) / connections,
  }
}

const shared = {
  group: 'idle',
  unit: 'bytes of memory per connection',
  fresh: true,
  // Memory hardly differs from round to round, and ten thousand connections take their time.
  roundsOf: rounds => Math.ceil(rounds / 3),
  cost: figures => figures.bytes,
}

export const idle = {
  ...shared,
  name: 'idle',
  title: '10,000 idle connections, each with a controller and in one room',
  work: 'idle',
  peers: ['bun', 'socketio', 'nest-ws'],
  goals: [{against: 'ws', atMost: 1.25, aim: 1}],
  measure: server => memoryPerConnection(server, 10_000, {}),
}

export const idleDeflate = {
  ...shared,
  name: 'idle-deflate',
  title: '10,000 idle connections that have had 2 kB echoed, compressed both ways',
  work: 'idle-deflate',
  peers: ['ws', 'bun'],
  goals: [{atMost: 16_000, aim: 10_000}],
  async measure(server) {
    const first = join(tmpdir(), `candy-bench-${process.pid}.frame`)
    writeFileSync(first, compressedFrame(server.protocol.say('a word or two '.repeat(142))))
    try {
      return await memoryPerConnection(server, 10_000, {deflate: true, first})
    } finally {
      rmSync(first)
    }
  },
}
