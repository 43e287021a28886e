import {ServerResponse, type IncomingMessage} from 'node:http'
import type {Server, Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {refuseUpgrade} from './refuse.js'

/**
 * Whether a request wants to become a WebSocket. Node hands over whatever has an `Upgrade` header once somebody listens;
 * `h2c`, which curl --http2 and Java's HttpClient send, is an offer that a server may ignore (RFC 9110, section 7.8).
 */
export function wantsWebSocket({headers}: IncomingMessage): boolean {
  return /(?:^|[\s,])websocket(?:$|[\s,/])/i.test(headers.upgrade ?? '')
}

/**
 * Whether a request came behind another one that has no answer yet. Node hands its connection over all the same: our answer
 * would be taken for that one's, and that one's would be written among our frames (RFC 9112, section 9.3.2). Only node's
 * own field tells; an answer to the very request was put there by a host's dispatcher.
 */
export function isPipelined(socket: Duplex, request: IncomingMessage): boolean {
  const pending = (socket as {_httpMessage?: ServerResponse | null})._httpMessage
  return pending !== undefined && pending !== null && pending.req !== request
}

/** Answers such an offer as the plain request that it also is, by the server's own request listeners. */
export function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex): void {
  // Node has let go of the connection: nobody would read a body.
  const {'content-length': length = '0', 'transfer-encoding': encoding} = request.headers
  if (encoding !== undefined || Number(length) !== 0) return refuseUpgrade(socket, 400)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket as Socket)
  } catch {
    // Sent behind another request that has no answer yet: ours would be taken for that one's.
    return void socket.destroy()
  }
  // Who hangs up waits for no answer; unread, that would not be seen.
  socket.once('end', () => socket.destroy()).resume()
  // Never detached: it learns of its end, as those do that wait for it, by the socket's.
  response.once('finish', () => (socket as Socket).destroySoon())
  server.emit('request', request, response)
}
