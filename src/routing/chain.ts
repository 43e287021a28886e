import {callerSource} from './source.js'
import type {
  Handler,
  HttpRouteOptions,
  MiddlewareReference,
  RouteDraft,
  RouteKind,
  RouteOptions,
} from './route.js'

/** Takes what a chain declares; the app decides whether to check now or with everything else at boot. */
export type RouteSink<C> = (draft: RouteDraft<C>) => void

/**
 * `Candy.Route` and what `use()` and `auth` make of it. Immutable: each step is a new chain, so nothing
 * leaks from one declaration to the next, and steps compose in any order.
 */
export class RouteChain<C> {
  readonly #sink: RouteSink<C>
  readonly #use: readonly MiddlewareReference<C>[]
  readonly #auth: boolean

  constructor(sink: RouteSink<C>, use: readonly MiddlewareReference<C>[] = [], auth = false) {
    this.#sink = sink
    this.#use = use
    this.#auth = auth
  }

  /** The same chain, asking for a user. */
  get auth(): RouteChain<C> {
    return new RouteChain(this.#sink, this.#use, true)
  }

  /** The same chain with more middleware, run first to last. */
  use(...middleware: MiddlewareReference<C>[]): RouteChain<C> {
    return new RouteChain(this.#sink, [...this.#use, ...middleware], this.#auth)
  }

  /**
   * Declares a WebSocket route.
   *
   * @param path `/room/{id}`; `<id>` means the same
   * @param handler runs once per connection; frames are held until it has settled or listens
   * @throws BootError once the app has booted and the route is faulty; while it boots, faults are gathered
   */
  ws(path: string, handler: Handler<C>, options?: RouteOptions<C>): void {
    this.#declare('ws', path, handler, options)
  }

  /**
   * Declares a page, asked for with GET. It asks for no CSRF token: a link carries none.
   *
   * @param handler returns HTML as a string, anything else as JSON, or a `Response`
   * @throws BootError as `ws`
   */
  page(path: string, handler: Handler<C>, options?: HttpRouteOptions<C>): void {
    this.#declare('page', path, handler, options)
  }

  /**
   * Declares an address for a script's GET, which carries a CSRF token in `x-candy-token` or the query `_token`.
   *
   * @param handler as of `page`
   * @throws BootError as `ws`
   */
  get(path: string, handler: Handler<C>, options?: HttpRouteOptions<C>): void {
    this.#declare('get', path, handler, options)
  }

  /**
   * Declares an address for POST, with a form or JSON in `Candy.Request.data.post`, and a CSRF token in `x-candy-token` or
   * the field `_token`.
   *
   * @param handler as of `page`
   * @throws BootError as `ws`
   */
  post(path: string, handler: Handler<C>, options?: HttpRouteOptions<C>): void {
    this.#declare('post', path, handler, options)
  }

  #declare(kind: RouteKind, path: string, handler: Handler<C>, options: object | undefined): void {
    this.#sink({kind, path, handler, options, use: this.#use, auth: this.#auth, source: callerSource()})
  }
}
