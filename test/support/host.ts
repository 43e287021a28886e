import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {onTestFinished} from 'vitest'

const sockets = new WeakMap<Server, Set<Socket>>()

/** Listens on 127.0.0.1, by default on a free port. */
export async function listen(server: Server, port = 0): Promise<number> {
  const open = new Set<Socket>()
  sockets.set(server, open)
  server.on('connection', socket => open.add(socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes the server, and cuts what it has forgotten: sockets that were upgraded, or that nobody answered. */
export async function end(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets.get(server) ?? []) socket.destroy()
  await closed
}

/** A server of somebody else's, on a free port until the test is over. Its page says `theirs`. */
export async function hostServer(
  server: Server = createServer((_request, response) => response.end('theirs')),
): Promise<{readonly server: Server; readonly port: number}> {
  const port = await listen(server)
  onTestFinished(() => end(server))
  return {server, port}
}
