// `ws` as its own examples have it: a handler by type, JSON, one send() per message and member.
import {createServer} from 'node:http'
import {WebSocketServer} from 'ws'
import {accept, others} from './orders.js'
import {listen, work} from './program.js'

const handlers = {order: accept, ...Object.fromEntries(others.map(type => [type, () => undefined]))}

function reply(socket, data) {
  const message = JSON.parse(data)
  const handler = handlers[message.type]
  if (!handler) return
  socket.send(JSON.stringify({type: 'reply', ref: message.ref, data: handler(message)}))
}

const room = new Set()

function say(socket, data) {
  const said = JSON.stringify({type: 'said', text: JSON.parse(data).text})
  for (const member of room) member.send(said)
}

function sayBack(socket, data) {
  socket.send(JSON.stringify({type: 'said', text: JSON.parse(data).text}))
}

const onMessage = {echo: reply, 'idle-deflate': sayBack}[work] ?? say

// What the README of `ws` sets: a quarter less CPU than its defaults. That a connection keeps no context costs some of
// it, and halves the memory.
const zlib = {
  zlibDeflateOptions: {chunkSize: 1024, memLevel: 7, level: 3},
  zlibInflateOptions: {chunkSize: 10 * 1024},
}
const compression = {
  deflate: zlib,
  'idle-deflate': {
    ...zlib,
    clientNoContextTakeover: true,
    serverNoContextTakeover: true,
    serverMaxWindowBits: 10,
  },
}

const server = createServer()
const sockets = new WebSocketServer({
  server,
  clientTracking: false,
  perMessageDeflate: compression[work] ?? false,
})
sockets.on('connection', socket => {
  room.add(socket)
  socket.on('error', () => undefined)
  socket.on('message', data => {
    try {
      onMessage(socket, data)
    } catch {
      socket.close(1007)
    }
  })
  socket.on('close', () => room.delete(socket))
})
listen(server)
