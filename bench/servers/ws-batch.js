// The most that a person gets out of `ws` by hand, giving up its send(): every message is framed here, and all that
// a connection is owed within a tick leaves in one write. It writes past `ws`, so it can neither compress nor send
// fragments, and it checks nothing that Candy checks.
import {createServer} from 'node:http'
import {WebSocketServer} from 'ws'
import {accept, others} from './orders.js'
import {listen, work} from './program.js'

const handlers = {order: accept, ...Object.fromEntries(others.map(type => [type, () => undefined]))}
const mostWaiting = 1 << 20

/** How a text frame begins (RFC 6455, section 5.2), each byte a character. */
function head(length) {
  if (length < 126) return String.fromCharCode(0x81, length)
  if (length < 65_536) return String.fromCharCode(0x81, 126, length >> 8, length & 0xff)
  const bytes = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0])
  bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes.toString('latin1')
}

/** The bytes of a frame as characters: to add strings up and to write the sum once costs least. */
function frame(text) {
  const payload = Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')
  return head(payload.length) + payload
}

function write(socket, bytes) {
  if (socket.readyState !== socket.OPEN) return
  if (socket._socket.writableLength > mostWaiting) socket.terminate()
  else socket._socket.write(bytes)
}

/** What waits for the end of the tick, and for whom. */
class Outbox {
  #frames = ''
  #sockets

  constructor(sockets) {
    this.#sockets = sockets
  }

  add(text) {
    if (this.#frames === '') process.nextTick(() => this.#flush())
    this.#frames += frame(text)
  }

  #flush() {
    const bytes = Buffer.from(this.#frames, 'latin1')
    this.#frames = ''
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
