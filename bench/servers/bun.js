// Bun's own server, as its manual has it: topics for rooms, `compress` where the message is to be compressed.
import {accept, others} from './orders.js'
import {address, serving, work} from './program.js'

const handlers = {order: accept, ...Object.fromEntries(others.map(type => [type, () => undefined]))}
const compress = work.endsWith('deflate')

function reply(socket, data) {
  const message = JSON.parse(data)
  const handler = handlers[message.type]
  if (!handler) return
  socket.send(JSON.stringify({type: 'reply', ref: message.ref, data: handler(message)}))
}

function say(socket, data) {
  server.publish('room', JSON.stringify({type: 'said', text: JSON.parse(data).text}), compress)
}

function sayBack(socket, data) {
  socket.send(JSON.stringify({type: 'said', text: JSON.parse(data).text}), compress)
}

const onMessage = {echo: reply, 'idle-deflate': sayBack}[work] ?? say

const server = Bun.serve({
  ...(address.path === undefined ? {port: address.port, hostname: address.host} : {unix: address.path}),
  routes: {
    '/room/:id': (request, self) =>
      self.upgrade(request, {data: {id: request.params.id}})
        ? undefined
        : new Response('A WebSocket is expected', {status: 426}),
  },
  websocket: {
    perMessageDeflate: compress,
    open(socket) {
      socket.subscribe('room')
    },
    message(socket, data) {
      try {
        onMessage(socket, data)
      } catch {
        socket.close(1007)
      }
    },
  },
})
serving(server.port, () => Bun.gc(true))
