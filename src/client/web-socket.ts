import type {Data} from './channel.js'
import type {Offer} from './offer.js'

/** What is used of a WebSocket, as browsers, Node 22, Bun and the package `ws` have it. */
export interface WebSocketLike {
  binaryType: string
  readonly protocol: string
  readonly bufferedAmount: number
  addEventListener(type: string, listener: (event: never) => void): void
  send(data: Data): void
  close(code?: number, reason?: string): void
}

export type WebSocketClass = new (url: string, second: string[] | object, third?: object) => WebSocketLike

/** The implementation that was given, or the global one. @throws TypeError if there is none */
export function webSocketClass(given: unknown): WebSocketClass {
  const found = given ?? (globalThis as {WebSocket?: unknown}).WebSocket
  if (typeof found === 'function') return found as WebSocketClass
  throw new TypeError(
    "There is no WebSocket here: give the one from the package 'ws' as the option WebSocket",
  )
}

/** Opens one. A page cannot give headers; elsewhere, the package `ws` takes them last, and the WebSockets of runtimes beside the protocols. */
export function openSocket(
  WebSocket: WebSocketClass,
  address: string,
  {protocols, headers}: Offer,
): WebSocketLike {
  const isPage = 'document' in globalThis || 'WorkerGlobalScope' in globalThis
  if (isPage || Object.keys(headers).length === 0) return new WebSocket(address, [...protocols])
  if ('Receiver' in WebSocket) return new WebSocket(address, [...protocols], {headers})
  return new WebSocket(address, {protocols: [...protocols], headers})
}

/** @throws RangeError for what no implementation sends (RFC 6455, sections 5.5 and 7.4) */
export function checkClose(code: number, reason: string): void {
  const isOwn = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999)
  if (!isOwn) throw new RangeError(`A close code is 1000, or 3000 to 4999, not ${code}`)
  if (new TextEncoder().encode(reason).length > 123)
    throw new RangeError('A close reason has at most 123 bytes')
}
