import {callerSource} from './source.js'
import type {Handler, MiddlewareReference, RouteDraft, RouteOptions} from './route.js'

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
    this.#sink({kind: 'ws', path, handler, options, use: this.#use, auth: this.#auth, source: callerSource()})
  }
}
