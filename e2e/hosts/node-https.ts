import {createServer} from 'node:https'
import {certificate} from '../../test/support/certificate.js'
import {end, expectPage, listen} from '../support/server.js'
import type {Host} from './host.js'

export const nodeHttps: Host = {
  name: 'node https',
  own: 'its page',
  scheme: 'https',
  async make() {
    const server = createServer(certificate, (request, response) => {
      response.statusCode = request.url === '/' ? 200 : 404
      response.end('theirs')
    })
    return {
      target: server,
      server,
      open: () => listen(server),
      use: port => expectPage(`https://127.0.0.1:${port}/`),
      close: () => end(server),
    }
  },
}
