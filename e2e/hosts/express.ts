import express from 'express'
import {createServer} from 'node:http'
import {end, expectPage, listen} from '../support/server.js'
import type {Host} from './host.js'

export const expressHost: Host = {
  name: 'Express 5',
  own: 'its page',
  async make() {
    const site = express()
    const server = createServer(site)
    return {
      target: server,
      server,
      open() {
        site.get('/', (_request, response) => void response.send('theirs'))
        return listen(server)
      },
      use: port => expectPage(`http://127.0.0.1:${port}/`),
      close: () => end(server),
    }
  },
}
