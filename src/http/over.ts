import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'

/**
 * Answers that may be under way on one connection. Whoever sends more requests without waiting (pipelining; no browser
 * does) asks for a file or a handler with each 40 bytes: they are cut, and may come again (RFC 9112, section 9.3.2).
 */
const mostAtOnce = 64

/** One listener for each connection, however many requests wait on it. */
const unfinished = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Lets every answer have its `close`, also one that waits behind another on its connection: when that ends, node tells
 * none but the answer that was being written, and whatever the others hold, such as a file, would stay open.
 *
 * @returns whether to answer at all
 */
export function closeWithConnection(
  {socket, httpVersionMajor}: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  // HTTP/2 has streams for it: each with an end of its own, and a limit.
  if (httpVersionMajor > 1) return true
  const waiting = unfinished.get(socket) ?? watch(socket)
  waiting.add(outgoing)
  outgoing.once('close', () => waiting.delete(outgoing))
  if (waiting.size > mostAtOnce) socket.destroy()
  return !socket.destroyed
}

function watch(socket: Socket): Set<ServerResponse> {
  const waiting = new Set<ServerResponse>()
  unfinished.set(socket, waiting)
  socket.once('close', () => {
    for (const outgoing of waiting) if (!outgoing.socket) outgoing.destroy().emit('close')
  })
  return waiting
}
