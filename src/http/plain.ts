import {ServerResponse, type IncomingMessage} from 'node:http'
import type {Server, Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {refuseUpgrade} from './refuse.js'

/**
 * Whether a request asks for a WebSocket. Once somebody listens for `upgrade`, node emits it for every request with an
 * `Upgrade` header. One that offers something else is an ordinary request, whose offer a server may ignore (RFC 9110,
 * section 7.8): curl --http2 and Java's HttpClient offer `h2c`.
 */
export function wantsWebSocket({headers}: IncomingMessage): boolean {
  return /(?:^|[\s,])websocket(?:$|[\s,/])/i.test(headers.upgrade ?? '')
}

/**
 * Whether another request on this connection is still without an answer. Node hands the connection over all the same: our
 * 101 would be taken for that answer, and that answer would be written among our frames (RFC 9112, section 9.3.2). Only
 * node's own field tells. A response to this very request is one that a host's dispatcher made, and no other's answer.
 */
export function isPipelined(socket: Duplex, request: IncomingMessage): boolean {
  const pending = (socket as {_httpMessage?: ServerResponse | null})._httpMessage
  return pending !== undefined && pending !== null && pending.req !== request
}

/** Answers a request that offers to become something else than a WebSocket: the server's `request` listeners do it. */
export function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex): void {
  // Node no longer parses this connection, so a body could not be read.
  const {'content-length': length = '0', 'transfer-encoding': encoding} = request.headers
  if (encoding !== undefined || Number(length) !== 0) return refuseUpgrade(socket, 400)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket as Socket)
  } catch {
    // An earlier request on this connection has no answer yet. The client would take our answer for that one's.
    return void socket.destroy()
  }
  // A client that hangs up is noticed only if somebody reads the socket.
  socket.once('end', () => socket.destroy()).resume()
  // The response stays attached, so that it emits `close` when the socket does: others wait for that.
  response.once('finish', () => (socket as Socket).destroySoon())
  server.emit('request', request, response)
}
