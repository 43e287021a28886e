import {createAdaptorServer} from '@hono/node-server'
import {Hono} from 'hono'
import type {Server} from 'node:http'
import {end, expectPage, listen} from '../support/server.js'
import type {Host} from './host.js'

export const honoHost: Host = {
  name: 'Hono on @hono/node-server',
  own: 'its page',
  async make() {
    const hono = new Hono()
    const server = createAdaptorServer({fetch: hono.fetch, overrideGlobalObjects: false}) as Server
    return {
      target: server,
      server,
      open() {
        hono.get('/', c => c.text('theirs'))
        return listen(server)
      },
      use: port => expectPage(`http://127.0.0.1:${port}/`),
      close: () => end(server),
    }
  },
}
