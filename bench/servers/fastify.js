// @fastify/websocket as its manual has it: a WebSocket route, a hook before it, and the clients of its server.
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import {accept, others} from './orders.js'
import {address, serving, work} from './program.js'

const handlers = {order: accept, ...Object.fromEntries(others.map(type => [type, () => undefined]))}

function reply(socket, data) {
  const message = JSON.parse(data)
  const handler = handlers[message.type]
  if (!handler) return
  socket.send(JSON.stringify({type: 'reply', ref: message.ref, data: handler(message)}))
}

function say(socket, data) {
  const said = JSON.stringify({type: 'said', text: JSON.parse(data).text})
  for (const client of app.websocketServer.clients) if (client.readyState === client.OPEN) client.send(said)
}

const onMessage = work === 'echo' ? reply : say

const app = Fastify()
await app.register(websocket)
app.get('/room/:id', {websocket: true, preValidation: async () => undefined}, socket => {
  socket.on('error', () => undefined)
  socket.on('message', data => {
    try {
      onMessage(socket, data)
    } catch {
      socket.close(1007)
    }
  })
})
await app.listen(address)
serving(app.server.address().port)
