import {once} from 'node:events'
import {connect} from 'node:net'
import {connect as connectTls} from 'node:tls'
import {handshake, Raw} from '../../test/support/raw.js'

/**
 * What somebody hears who asks for a WebSocket at a path, and from whom.
 *
 * @param patience milliseconds after which there is no answer; without it there has to be one
 */
export async function answerTo(url: string, path: string, patience?: number): Promise<string> {
  const {protocol, port} = new URL(url)
  const to = {port: Number(port), host: '127.0.0.1'}
  const socket = protocol === 'https:' ? connectTls(to) : connect(to)
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect')
  const client = new Raw(socket)
  const timer = patience && setTimeout(() => socket.destroy(new Error('no answer')), patience)
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
