// The clients of connects.ts: raw sockets, which cost a third of what a client costs that knows the protocol.
import {connect} from 'node:net'
import {answer} from './program.js'

const atOnce = 50

/** A masked close frame with code 1000. */
const goodbye = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])

const ways = ['close', 'terminate', 'reset'] as const

/** Comes in, hears its welcome, and goes. */
function visit(port: number, number: number): Promise<void> {
  const way = ways[number % ways.length]!
  return new Promise((resolve, reject) => {
    const socket = connect({port, host: '127.0.0.1'})
    let heard = ''
    let going = false
    const late = setTimeout(() => socket.destroy(new Error(`visit ${number} (${way}) does not end`)), 30_000)
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (going) return
      heard += text
      if (!heard.endsWith('welcome')) return
      going = true
      if (way === 'close') socket.write(goodbye)
      else if (way === 'terminate') socket.destroy()
      else socket.resetAndDestroy()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(late)
      if (going) resolve()
      else reject(new Error(`visit ${number} was refused: ${heard.split('\r\n')[0]}`))
    })
    socket.write(
      `GET /visit/${number} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
  })
}

answer({
  visit: async ({port, from, to}: {port: number; from: number; to: number}) => {
    let next = from
    const one = async () => {
      while (next < to) await visit(port, next++)
    }
    await Promise.all(Array.from({length: atOnce}, one))
  },
})
