import {createServer} from 'node:http'
import {Server} from 'socket.io'
import {io as connect} from 'socket.io-client'
import {expect} from 'vitest'
import {end, listen} from '../support/server.js'
import type {Host} from './host.js'

export const socketIo: Host = {
  name: 'Socket.IO 4',
  own: 'polling, then its WebSocket',
  async make() {
    const server = createServer()
    let io: Server | undefined
    return {
      get target() {
        return io ?? server
      },
      server,
      open() {
        io = new Server(server)
        io.on('connection', socket => {
          socket.on('say', (text: string, reply: (text: string) => void) => reply(text.toUpperCase()))
        })
        return listen(server)
      },
      async use(port) {
        const client = connect(`http://127.0.0.1:${port}`, {forceNew: true, reconnection: false})
        const upgraded = new Promise(resolve => client.io.engine.once('upgrade', resolve))
        await Promise.all([new Promise<void>(resolve => client.once('connect', resolve)), upgraded])
        expect(await client.timeout(2_000).emitWithAck('say', 'hi')).toBe('HI')
        client.disconnect()
      },
      async close() {
        await io?.close()
        if (server.listening) await end(server)
      },
    }
  },
}
