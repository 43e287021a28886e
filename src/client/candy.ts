import {addressOf} from './address.js'
import {Connection} from './connection.js'
import {offerFor} from './offer.js'
import {newTab} from './refs.js'
import {Shared} from './shared.js'
import type {SharedWorkerLike} from './shared-worker.js'
import {Socket} from './socket.js'
import {webSocketClass} from './web-socket.js'

/** How to connect. */
export interface SocketOptions {
  /** Whether all tabs of this browser that ask for it share one connection. Default `false`. */
  shared?: boolean
  /** Whether to come back when a connection breaks. Default `true`. */
  autoReconnect?: boolean
  /** Milliseconds: the first retry is uniform in 0 to this, then full jitter doubling to 30,000. Default 5,000. */
  reconnectDelay?: number
  /** Retries in a row before it is given up. Default `Infinity`. */
  maxReconnectAttempts?: number
  /** A fresh CSRF token for every connection: `true`, the default, asks the server; a function gives its own; `false`: none. */
  token?: boolean | (() => string | Promise<string>)
  /** Whose connection it is: tabs of others do not share it. Default: what the server says of this browser's session. */
  identity?: string
  /** Messages kept while there is no connection. Default 100. */
  queue?: number
  /** Where the server is, as `https://chat.example`. Default: where the page came from; needed outside a browser. */
  url?: string
  /** What stands for `{name}` in the path. */
  params?: object
  query?: Readonly<Record<string, string>>
  /** Headers of the handshake and of the request for a token; not in a browser, which sends its own. */
  headers?: Readonly<Record<string, string>>
  /** Default: the global one, which Node has from 22 on; before, the package `ws` has one. */
  WebSocket?: unknown
}

/** `Candy`, in a page. */
export interface CandyClient {
  /**
   * Connects.
   *
   * @param path of a route, or the absolute address of one
   * @throws TypeError for a parameter that is missing, an address or option that is none, or without a WebSocket
   */
  ws(path: string, options?: SocketOptions): Socket
}

/** @param worker finds the shared worker where its file is */
export function candyWith(worker: () => SharedWorkerLike): CandyClient {
  return {
    ws(path, options = {}) {
      const {token = true, headers = {}, shared = false} = options
      const url = addressOf(path, options, options.url)
      const retries = {
        autoReconnect: options.autoReconnect ?? true,
        reconnectDelay: atLeastZero('reconnectDelay', options.reconnectDelay ?? 5_000),
        maxReconnectAttempts: atLeastZero('maxReconnectAttempts', options.maxReconnectAttempts ?? Infinity),
      }
      const queue = atLeastZero('queue', options.queue ?? 100)
      // Only pages have tabs.
      if (shared && options.WebSocket === undefined && 'document' in globalThis) {
        const tab = newTab()
        const parts = {url, tab, token, worker, identity: options.identity, ...retries}
        return new Socket({queue, tab, channel: events => new Shared(parts, events)})
      }
      const WebSocket = webSocketClass(options.WebSocket)
      const offer = (ended: AbortSignal) => offerFor(url, {token, headers}, ended)
      const parts = {url, WebSocket, offer, ...retries}
      return new Socket({queue, tab: undefined, channel: events => new Connection(parts, events)})
    },
  }
}

/** @throws TypeError */
function atLeastZero(name: string, value: number): number {
  // Timers fire at once above this (24.8 days).
  const most = name === 'reconnectDelay' ? 2 ** 31 - 1 : Infinity
  if (value >= 0 && value <= most && (Number.isInteger(value) || name !== 'queue')) return value
  throw new TypeError(
    `${name} takes ${name === 'queue' ? 'a whole number of messages' : 'a number'}, not ${value}`,
  )
}
