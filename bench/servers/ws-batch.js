// The most that a person gets out of `ws` by hand, giving up its send(): every message is framed here, and all that
// a connection is owed within a tick leaves in one write. It writes past `ws`, so it can neither compress nor send
// fragments, and it checks nothing that Candy checks.
import {createServer} from 'node:http'
import {WebSocketServer} from 'ws'
import {accept, others} from './orders.js'
import {listen, work} from './program.js'

const handlers = {order: accept, ...Object.fromEntries(others.map(type => [type, () => undefined]))}
const mostWaiting = 1 << 20

/** Text frames of these messages, one behind the other (RFC 6455, section 5.2). */
function frames(texts) {
  const lengths = texts.map(text => Buffer.byteLength(text))
  const size = lengths.reduce(
    (sum, length) => sum + length + (length < 126 ? 2 : length < 65_536 ? 4 : 10),
    0,
  )
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (let n = 0; n < texts.length; n += 1) {
    const length = lengths[n]
    bytes[at] = 0x81
    if (length < 126) {
      bytes[at + 1] = length
      at += 2
    } else if (length < 65_536) {
      bytes[at + 1] = 126
      bytes.writeUInt16BE(length, at + 2)
      at += 4
    } else {
      bytes[at + 1] = 127
      bytes.writeBigUInt64BE(BigInt(length), at + 2)
      at += 10
    }
    bytes.write(texts[n], at, length)
    at += length
  }
  return bytes
}

function write(socket, bytes) {
  if (socket.readyState !== socket.OPEN) return
  if (socket._socket.writableLength > mostWaiting) socket.terminate()
  else socket._socket.write(bytes)
}

/** What waits for the end of the tick, and for whom. */
class Outbox {
  #texts = []
  #sockets

  constructor(sockets) {
    this.#sockets = sockets
  }

  add(text) {
    if (this.#texts.push(text) === 1) process.nextTick(() => this.#flush())
  }

  #flush() {
    const bytes = frames(this.#texts)
    this.#texts = []
    for (const socket of this.#sockets) write(socket, bytes)
  }
}

const room = new Set()
const everybody = new Outbox(room)

function reply(outbox, data) {
  const message = JSON.parse(data)
  const handler = handlers[message.type]
  if (handler) outbox.add(JSON.stringify({type: 'reply', ref: message.ref, data: handler(message)}))
}

function say(outbox, data) {
  everybody.add(JSON.stringify({type: 'said', text: JSON.parse(data).text}))
}

const onMessage = work === 'echo' ? reply : say

const server = createServer()
const sockets = new WebSocketServer({server, clientTracking: false})
sockets.on('connection', socket => {
  const outbox = new Outbox([socket])
  room.add(socket)
  socket.on('error', () => undefined)
  socket.on('message', data => {
    try {
      onMessage(outbox, data)
    } catch {
      socket.close(1007)
    }
  })
  socket.on('close', () => room.delete(socket))
})
listen(server)
