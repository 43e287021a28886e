import Fastify from 'fastify'
import {expectPage} from '../support/server.js'
import type {Host} from './host.js'

export const fastifyHost: Host = {
  name: 'Fastify 5',
  own: 'its page',
  async make() {
    const fastify = Fastify({forceCloseConnections: true})
    return {
      target: fastify,
      server: fastify.server,
      async open() {
        fastify.get('/', async () => 'theirs')
        return Number(new URL(await fastify.listen({port: 0, host: '127.0.0.1'})).port)
      },
      use: port => expectPage(`http://127.0.0.1:${port}/`),
      close: () => fastify.close(),
    }
  },
}
