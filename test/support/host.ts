import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {onTestFinished} from 'vitest'

/** A server of somebody else's, on a free port until the test is over. Its page says `theirs`. */
export async function hostServer(
  server: Server = createServer((_request, response) => response.end('theirs')),
): Promise<{readonly server: Server; readonly port: number}> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  onTestFinished(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    // Those that were upgraded are no longer the server's to close.
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return {server, port: (server.address() as AddressInfo).port}
}
