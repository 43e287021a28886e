import {createServer} from 'node:http'
import {end, expectPage, listen} from '../support/server.js'
import type {Host} from './host.js'

export const nodeHttp: Host = {
  name: 'node http',
  own: 'its page',
  async make() {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/' ? 200 : 404
      response.end('theirs')
    })
    return {
      target: server,
      server,
      open: () => listen(server),
      use: port => expectPage(`http://127.0.0.1:${port}/`),
      close: () => end(server),
    }
  },
}
