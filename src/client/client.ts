import {addressOf} from './address.js'
import type {Path, RouteContract, Routes} from './contract.js'
import {TypedSocket} from './socket.js'
import {webSocketClass} from './web-socket.js'

/** What all connections of a client have in common. */
export interface ClientOptions {
  /** Where the server is, as `https://chat.example`. Default: where the page came from; needed outside a browser. */
  url?: string
  /** A fresh CSRF token for every connection: `true`, the default, asks the server; a function gives its own. */
  token?: boolean | (() => string | Promise<string>)
  /** Headers of the handshake and of the request for a token; not in a browser, which sends its own. */
  headers?: Readonly<Record<string, string>>
  /** Messages kept while it opens. Default 100. */
  queue?: number
  /** Default: the global one, which Node has from 22 on; before, the package `ws` has one. */
  WebSocket?: unknown
}

/** Where in a route, and what of the client's options is other than for the rest. */
export interface ConnectOptions extends ClientOptions {
  query?: Readonly<Record<string, string>>
}

type OptionsFor<R extends RouteContract> = keyof R['params'] extends never
  ? [options?: ConnectOptions]
  : [options: ConnectOptions & {params: {[N in keyof R['params']]: string | number}}]

/** A client that knows the routes of an app. */
export interface TypedClient<C extends Routes<C>> {
  /**
   * Connects.
   *
   * @throws TypeError for a parameter that is missing, an address that is none, or without a WebSocket
   */
  ws<P extends Path<C>>(path: P, ...options: OptionsFor<C[P]>): TypedSocket<C[P]>
}

/**
 * A client typed by what `candy types` wrote: paths, their parameters, messages and answers are checked by the compiler.
 *
 * @example
 * ```ts
 * import type {Contract} from './contract.js'
 * const client = createClient<Contract>()
 * const room = client.ws('/room/{id}', {params: {id: '7'}})
 * room.on('said', said => console.log(said.text))
 * await room.request('say', {text: 'hi'})
 * ```
 */
export function createClient<C extends Routes<C>>(defaults: ClientOptions = {}): TypedClient<C> {
  return {
    ws: (path, ...[given]) => {
      const options: ConnectOptions & {params?: object} = {...defaults, ...given}
      return new TypedSocket({
        url: addressOf(path, options, options.url),
        token: options.token ?? true,
        headers: options.headers ?? {},
        queue: checkQueue(options.queue ?? 100),
        WebSocket: webSocketClass(options.WebSocket),
      })
    },
  }
}

/** @throws TypeError */
function checkQueue(queue: number): number {
  if (Number.isInteger(queue) && queue >= 0) return queue
  throw new TypeError(`queue takes a whole number of messages, not ${queue}`)
}
