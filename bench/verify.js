// Who answers wrongly is fast for nothing: every peer is asked by a client that reads, before it is measured.
import {deepStrictEqual, strictEqual} from 'node:assert'
import {once} from 'node:events'
import {setTimeout as delay} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import {WebSocket} from 'ws'
import {peers} from './peers.js'

const deflated = work => work.endsWith('deflate')

/** A client that reads. */
export async function open(server) {
  const {port, unix} = server.address
  const {path, socketio} = server.protocol
  const address = unix ? `ws+unix:${unix}:${path}` : `ws://127.0.0.1:${port}${path}`
  const socket = new WebSocket(address, {perMessageDeflate: deflated(server.work)})
  const frames = []
  const ended = new AbortController()
  socket.on('error', error => ended.abort(error))
  socket.on('close', code => ended.abort(new Error(`closed with ${code}, where an answer was due`)))
  socket.on('message', (data, isBinary) => {
    frames.push(isBinary ? 'a binary frame' : Buffer.from(data).toString())
    socket.emit('frame')
  })
  const next = async () => {
    if (frames.length === 0)
      await once(socket, 'frame', ended).catch(() => Promise.reject(ended.signal.reason))
    return frames.shift()
  }
  await once(socket, 'open')
  if (deflated(server.work))
    strictEqual(socket.extensions.split(';')[0], 'permessage-deflate', 'compression was agreed on')
  if (socketio) {
    strictEqual((await next())[0], '0', 'the open packet of Engine.IO')
    socket.send('40')
    strictEqual((await next()).slice(0, 2), '40', 'the connect packet of Socket.IO')
  }
  return {
    socket,
    send: text => socket.send(text),
    read: async () => server.protocol.read(await next()),
    close: async () => {
      socket.close(1000)
      strictEqual((await once(socket, 'close'))[0], 1000, 'the close code')
    },
    /** A message too many would have come before the pong. */
    quiet: async () => {
      socket.ping()
      await once(socket, 'pong', ended)
      deepStrictEqual(frames, [], 'frames too many')
    },
  }
}

/** Requests on both connections at once, of different lengths: each has its own answer, in order. */
async function answers({protocol}, clients) {
  const texts = ['', 'fünf', 'a "quoted" one, which is longer']
  for (const [n, text] of texts.entries())
    for (const client of clients) client.send(protocol.order(n + 1, text))
  for (const client of clients)
    for (const [n, text] of texts.entries()) {
      const data = {id: n + 1, accepted: true, length: text.length, ts: 1_700_000_000_000}
      deepStrictEqual(await client.read(), protocol.reply(n + 1, data))
    }
}

/** What either says, both hear, once and in order. */
async function broadcasts({protocol}, clients) {
  // A server may still be joining rooms.
  await delay(100)
  const texts = ['one', 'two "quoted"', 'three '.repeat(200)]
  for (const speaker of clients) {
    for (const text of texts) speaker.send(protocol.say(text))
    for (const client of clients)
      for (const text of texts) deepStrictEqual(await client.read(), protocol.said(text))
  }
}

/** What one says, that one hears. */
async function echoes({protocol}, clients) {
  const texts = ['one', 'two', 'three '.repeat(400)]
  for (const client of clients) {
    for (const text of texts) client.send(protocol.say(text))
    for (const text of texts) deepStrictEqual(await client.read(), protocol.said(text))
  }
}

/** Who judges what it hears refuses a field too many, and one that is wrong. On `ws` Nest does it in silence. */
async function refusals({protocol}, [client]) {
  for (const wrong of [{more: true}, {id: '1'}]) client.send(protocol.order(1, 'wrong', wrong))
  client.send(protocol.order(2, 'right'))
  const last = protocol.reply(2, {id: 2, accepted: true, length: 5, ts: 1_700_000_000_000})
  let frame = await client.read()
  while (!isDeepStrictEqual(frame, last)) {
    const text = JSON.stringify(frame)
    if (!/"VALIDATION"|"exception"/.test(text)) throw new Error(`a refusal was due, and it says ${text}`)
    frame = await client.read()
  }
}

const checks = {
  echo: answers,
  fan: broadcasts,
  deflate: broadcasts,
  connect: broadcasts,
  idle: broadcasts,
  'idle-deflate': echoes,
  nodes: broadcasts,
}

async function ask(server, other) {
  const clients = await Promise.all([open(server), open(other)])
  try {
    await checks[server.work](server, clients)
    if (server.work === 'echo' && peers[server.name].judges) await refusals(server, clients)
    for (const client of clients) await client.quiet()
    for (const client of clients) await client.close()
  } finally {
    for (const {socket} of clients) socket.terminate()
  }
}

/**
 * Asks a server what it will be asked in its suite, over two connections.
 *
 * @param other where the second is to, if not there: another node
 * @throws {Error} when an answer is wrong, missing, out of order or one too many; it names the peer and its work
 */
export async function verify(server, other = server) {
  try {
    await ask(server, other)
  } catch (error) {
    throw new Error(`${server.name} at ${server.work}: ${error.message}`, {cause: error})
  }
}
