// Who misbehaves in neighbours.ts: one who has stopped to read, and one who floods. Whoever is dropped comes again.
import {connect, type Socket} from 'node:net'
import {answer} from './program.js'

const text = Buffer.from([0x81, 0x80 | 1, 0, 0, 0, 0, 0x78])
/** Nine thousand messages in one piece. */
const flood = Buffer.concat(Array.from({length: 9_362}, () => text))

const sockets = new Set<Socket>()

function open(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({port, host: '127.0.0.1'})
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    socket.once('data', head => {
      if (head.toString('latin1').startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(`refused: ${head.toString('latin1').split('\r\n')[0]}`))
    })
  })
}

answer({
  /** Comes in, and never reads again. */
  stopped: async (port: number) => void (await open(port, '/room')).pause(),
  /** Writes as fast as it is read, until it is gone. */
  flooder: async (port: number) => {
    const socket = await open(port, '/flood')
    const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
    socket.resume()
    const more = () => {
      while (!socket.destroyed && socket.write(flood));
    }
    socket.on('drain', more)
    more()
    await gone
  },
  gone: () => {
    for (const socket of sockets) socket.destroy()
  },
})
