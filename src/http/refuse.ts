import {STATUS_CODES, type IncomingMessage} from 'node:http'
import type {Duplex} from 'node:stream'

/**
 * Answers an upgrade request with an HTTP status and ends its socket for good: without the `destroy` a peer that
 * never sends FIN would keep it, and the server could not close.
 */
export function refuseUpgrade(socket: Duplex, status: number): void {
  if (socket.destroyed) return
  const body = `${STATUS_CODES[status] ?? 'Refused'}\n`
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headersFor(status),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`)
}

/** The status that refuses what is not a valid WebSocket handshake, whatever its path (RFC 6455, section 4.2.1). */
export function malformedUpgrade(request: IncomingMessage): number | undefined {
  if (request.method !== 'GET') return 405
  if (request.httpVersion !== '1.1') return 400
  // Node insists on `Host` only for plain requests. If there are two, a proxy before us may have read the other one.
  if (countHosts(request.rawHeaders) !== 1 || !/^[^\s/?#@\\,]+$/.test(request.headers.host ?? '')) return 400
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return 400
  if (!/^[+/0-9A-Za-z]{22}==$/.test(request.headers['sec-websocket-key'] ?? '')) return 400
  if (request.headers['sec-websocket-version'] !== '13') return 426
  return undefined
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** The headers that must or should come with a status. */
export function headersFor(status: number): Record<string, string> {
  if (status === 405) return {Allow: 'GET'}
  if (status === 426) return {Upgrade: 'websocket', 'Sec-WebSocket-Version': '13'}
  if (status === 429 || status === 503) return {'Retry-After': '1'}
  return {}
}
