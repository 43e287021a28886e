import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'

/**
 * Answers that may be under way on one connection. A client that sends more requests without waiting (pipelining; no
 * browser does) makes us open a file or run a handler for each 40 bytes it sends. Its connection is cut, and it may
 * connect again (RFC 9112, section 9.3.2).
 */
const maxPerConnection = 64

/** The answers under way on each connection: one `close` listener for a socket, however many requests wait on it. */
const waitingOn = new WeakMap<Socket, Set<ServerResponse>>()

/** The requests that are being answered: on the app's own server, and on servers that it shares. */
export class ActiveRequests {
  #count = 0
  #onIdle: (() => void) | undefined

  get count(): number {
    return this.#count
  }

  /** @returns whether to answer it: not if its connection is gone, or has too many requests under way */
  add(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    this.#count += 1
    outgoing.once('close', () => {
      this.#count -= 1
      if (this.#count === 0) this.#onIdle?.()
    })
    return closeWithConnection(incoming, outgoing)
  }

  /** Whether a connection has had answers, and waits for none. */
  isIdle(socket: Socket): boolean {
    return waitingOn.get(socket)?.size === 0
  }

  /** Resolves once no request waits for its answer. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      this.#onIdle = resolve
      if (this.#count === 0) resolve()
    })
  }
}

/**
 * Makes sure that every answer emits `close`. When a connection ends, node tells only the answer that is being written.
 * One that is queued behind it hears nothing, and whatever it holds, such as an open file, would stay open.
 *
 * @returns whether to answer at all
 */
function closeWithConnection({socket, httpVersionMajor}: IncomingMessage, outgoing: ServerResponse): boolean {
  // In HTTP/2 each request is a stream, which has an end of its own and is limited by the protocol.
  if (httpVersionMajor > 1) return true
  const waiting = waitingOn.get(socket) ?? watch(socket)
  waiting.add(outgoing)
  outgoing.once('close', () => waiting.delete(outgoing))
  if (waiting.size > maxPerConnection) socket.destroy()
  return !socket.destroyed
}

function watch(socket: Socket): Set<ServerResponse> {
  const waiting = new Set<ServerResponse>()
  waitingOn.set(socket, waiting)
  socket.once('close', () => {
    for (const outgoing of waiting) if (!outgoing.socket) outgoing.destroy().emit('close')
  })
  return waiting
}
