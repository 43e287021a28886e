import {once} from 'node:events'
import {connect} from 'node:net'
import {connect as connectTls} from 'node:tls'
import {handshake, Raw} from '../../test/support/raw.js'

/** Longer than Socket.IO waits before it closes, and Candy before it answers what nobody does. */
const patience = 3_000

/** What somebody hears who asks for a WebSocket at a path, and from whom. */
export async function answerTo(url: string, path: string): Promise<string> {
  const {protocol, port} = new URL(url)
  const to = {port: Number(port), host: '127.0.0.1'}
  const socket = protocol === 'https:' ? connectTls(to) : connect(to)
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect')
  const client = new Raw(socket)
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), patience)
  try {
    const {status} = await client.write(handshake(path)).head()
    // A server keeps a connection open after its page; Candy and those that answer a socket end it.
    const byCandy = client.received.toString().endsWith('\r\n\r\nNot Found\n')
    return `${status} from ${byCandy ? 'Candy' : 'the host'}`
  } catch {
    return socket.errored?.message === 'no answer' ? 'no answer' : 'closed by the host'
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
