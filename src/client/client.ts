import type {CandyClient, SocketOptions} from './candy.js'
import type {Path, RouteContract, Routes} from './contract.js'
import {TypedSocket} from './typed-socket.js'

/** What all connections of a client have in common. */
export type ClientOptions = Omit<SocketOptions, 'params' | 'query'>

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
   * @throws TypeError for a parameter that is missing, an address or option that is none, or without a WebSocket
   */
  ws<P extends Path<C>>(path: P, ...options: OptionsFor<C[P]>): TypedSocket<C[P]>
}

/** Makes clients that are typed by what `candy types` wrote. */
export interface CreateClient {
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
  <C extends Routes<C>>(defaults?: ClientOptions): TypedClient<C>
}

export function clientOf(candy: CandyClient): CreateClient {
  return (defaults = {}) => ({
    ws: (path, ...[options]) => new TypedSocket(candy.ws(path, {...defaults, ...options})),
  })
}
