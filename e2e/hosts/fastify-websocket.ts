import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import {expectAnswer} from '../support/server.js'
import type {Host} from './host.js'

export const fastifyWebsocket: Host = {
  name: 'Fastify 5 + @fastify/websocket',
  own: 'its WebSocket route',
  async make() {
    const fastify = Fastify({forceCloseConnections: true})
    return {
      target: fastify,
      server: fastify.server,
      async open() {
        await fastify.register(websocket)
        fastify.get('/theirs', {websocket: true}, socket => {
          socket.on('message', (data: Buffer) => socket.send(data.toString()))
        })
        return Number(new URL(await fastify.listen({port: 0, host: '127.0.0.1'})).port)
      },
      use: port => expectAnswer(`ws://127.0.0.1:${port}/theirs`, {hi: 1}, {hi: 1}),
      close: () => fastify.close(),
    }
  },
}
