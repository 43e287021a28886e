import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'

/** One listener for each connection, however many requests wait on it. */
const unfinished = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Lets every answer have its `close`, also one that waits behind another on its connection: when that ends, node tells
 * none but the answer that was being written, and whatever the others hold, such as a file, would stay open.
 */
export function closeWithConnection({socket}: IncomingMessage, outgoing: ServerResponse): void {
  const waiting = unfinished.get(socket) ?? watch(socket)
  waiting.add(outgoing)
  outgoing.once('close', () => waiting.delete(outgoing))
}

function watch(socket: Socket): Set<ServerResponse> {
  const waiting = new Set<ServerResponse>()
  unfinished.set(socket, waiting)
  socket.once('close', () => {
    for (const outgoing of waiting) if (!outgoing.socket) outgoing.destroy().emit('close')
  })
  return waiting
}
