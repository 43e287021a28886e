import type {WsClient} from './connection/ws-client.js'
import type {WsServer} from './connection/ws-server.js'
import type {CandyAuth} from './identity/auth.js'
import type {CandyRequest} from './handshake/request.js'
import type {Tokens} from './identity/token.js'
import type {Visit} from './identity/visit.js'
import type {MessageTaker} from './messages/dispatch.js'
import type {Ending} from './messages/turn.js'
import {maxInt32} from './options.js'
import {RouteChain, type RouteSink} from './routing/chain.js'
import type * as routing from './routing/route.js'
import type {Trace} from './telemetry/trace.js'
import {guard} from './guard.js'
import type {RoomPresence} from './rooms/presence.js'

/** `Candy.Route`: declares routes, and reaches the connections of them all. */
export class CandyRoute extends RouteChain<Candy> {
  /** Every connection of the app. */
  readonly wsServer: WsServer

  /** @internal */
  constructor(sink: RouteSink<Candy>, wsServer: WsServer) {
    super(sink)
    this.wsServer = wsServer
  }
}

/** What a route file sees as the global `Candy`, and a default-exported function receives. */
export interface CandyRoot {
  readonly Route: CandyRoute
  /** Who is in a room, on every node. @throws CandyError `ROOM` */
  presence(room: string): Promise<RoomPresence>
}

/** A timer of `Candy.setTimeout` or `Candy.setInterval`. */
export type CandyTimer = NodeJS.Timeout

/** @internal */
export interface ConnectionScope {
  get<T extends object>(cls: abstract new (...args: never[]) => T): T
  owns(made: object): void
  /** @returns `undefined` if there was nothing that takes time */
  dispose(): Promise<void> | undefined
}

/** @internal */
export interface CandyParts {
  readonly ws: WsClient
  readonly Request: CandyRequest
  readonly Auth: CandyAuth
  readonly Route: CandyRoute
  readonly tokens: Tokens
  readonly visit: Visit
  /** What the handshake said that it is part of. */
  readonly trace: Trace | undefined
  /** Route template, for log lines. */
  readonly path: string
}

/** The context of one connection, or of one HTTP request: what handlers, middleware and controllers receive. */
export class Candy {
  /** The client. In a middleware it has no socket yet, in an HTTP route it never has one: `close()` is the verdict. */
  readonly ws: WsClient
  /** The HTTP request, which asked for a connection or a page. */
  readonly Request: CandyRequest
  /** Who is on this connection. */
  readonly Auth: CandyAuth
  /** Declares routes; `Route.wsServer` reaches every connection. */
  readonly Route: CandyRoute
  /** The controller that takes this connection's messages. @internal */
  taker: MessageTaker<Candy> | undefined
  /** What DI made for this connection; disposed once, after everything else of it has ended. @internal */
  scope: ConnectionScope | undefined
  /** @internal */
  readonly path: string
  /** Session and user of the request, and what its answer says of them. @internal */
  readonly visit: Visit

  /** @internal */
  readonly trace: Trace | undefined

  readonly #tokens: Tokens
  #abort: AbortController | undefined
  #ended = false
  #timers: Set<NodeJS.Timeout> | undefined
  #turns: Set<Ending> | undefined

  /** @internal */
  constructor(parts: CandyParts) {
    this.ws = parts.ws
    this.Request = parts.Request
    this.Auth = parts.Auth
    this.Route = parts.Route
    this.path = parts.path
    this.visit = parts.visit
    this.trace = parts.trace
    this.#tokens = parts.tokens
  }

  /** Aborted when the connection closes, or the handshake ends without one. */
  get signal(): AbortSignal {
    if (this.#ended && !this.#abort) return AbortSignal.abort()
    return (this.#abort ??= new AbortController()).signal
  }

  /**
   * Who is in a room, on every node: users, their connections, and the `meta` they joined with. Never rejects: while the bus is
   * down, those are told who are known here.
   *
   * @throws CandyError `ROOM`
   */
  presence(room: string): Promise<RoomPresence> {
    return this.Route.wsServer.presence(room)
  }

  /** Whether the connection has closed, or never came to be. @internal */
  get ended(): boolean {
    return this.#ended
  }

  /** The id of the session, as far as there is one. @internal */
  get session(): string | undefined {
    return this.visit.session
  }

  /**
   * Mints a CSRF token for this session, good for `limits.tokenTtl`. In an HTTP route the session begins with it, if there is
   * none yet.
   *
   * @throws Error on a WebSocket without a session
   */
  token(): string
  /** Whether a CSRF token is valid for this session. Never throws. */
  token(value: unknown): boolean
  token(...given: readonly unknown[]): string | boolean {
    // Told apart by count: a field the client left out is `undefined`, and must not mint a token, which is truthy.
    if (given.length > 0) {
      const [value] = given
      const {session} = this
      return typeof value === 'string' && session !== undefined && this.#tokens.verify(value, session)
    }
    return this.#tokens.mint(this.visit.begin())
  }

  /** Why a CSRF token is refused. @internal */
  tokenFault(value: string): ReturnType<Tokens['fault']> {
    return this.#tokens.fault(value, this.session ?? '')
  }

  /**
   * As the global one, but ended with the connection. What the function throws goes to the `error` listeners.
   *
   * @param ms 0 to 2147483647; @throws RangeError above, where Node would fire at once
   */
  setTimeout<A extends unknown[]>(fn: (...args: A) => unknown, ms = 0, ...args: A): CandyTimer {
    const timer: NodeJS.Timeout = setTimeout(() => {
      this.#timers!.delete(timer)
      this.#run(fn, args)
    }, checkDelay(ms))
    return this.#own(timer)
  }

  /** As the global one, but ended with the connection. @throws RangeError above 2147483647 ms */
  setInterval<A extends unknown[]>(fn: (...args: A) => unknown, ms = 0, ...args: A): CandyTimer {
    return this.#own(setInterval(() => this.#run(fn, args), checkDelay(ms)))
  }

  clearTimeout(timer: CandyTimer | undefined): void {
    clearTimeout(timer)
    if (timer) this.#timers?.delete(timer)
  }

  clearInterval(timer: CandyTimer | undefined): void {
    this.clearTimeout(timer)
  }

  /** The connection closed, or never came to be. @internal */
  end(): void {
    for (const timer of this.#timers ?? []) clearTimeout(timer)
    this.#timers?.clear()
    this.#ended = true
    this.#abort?.abort()
    for (const turn of this.#turns ?? []) turn.abort()
  }

  /** A message is being handled that takes time, or that somebody wants a signal of. @internal */
  began(turn: Ending): void {
    ;(this.#turns ??= new Set()).add(turn)
  }

  /** @internal */
  done(turn: Ending): void {
    this.#turns?.delete(turn)
  }

  /** Nobody waits for the messages that are still being handled. @internal */
  dropTurns(): void {
    for (const turn of this.#turns ?? []) turn.drop()
    this.#turns = undefined
  }

  /** A timer made after the end would have no owner: it is ended at once. */
  #own(timer: NodeJS.Timeout): CandyTimer {
    if (this.#ended) clearTimeout(timer)
    else (this.#timers ??= new Set()).add(timer)
    return timer
  }

  #run<A extends unknown[]>(fn: (...args: A) => unknown, args: A): void {
    void guard(fn, args, error => this.ws.listeners.report(error, 'timer'))
  }
}

function checkDelay(ms: number): number {
  if (!(ms <= maxInt32)) throw new RangeError(`A timer takes 0 to ${maxInt32} ms, not ${String(ms)}`)
  return ms
}

/** The words of routing, about this context. */
export type Handler<C = Candy> = routing.Handler<C>
export type Middleware<C = Candy> = routing.Middleware<C>
export type MiddlewareClass<C = Candy> = routing.MiddlewareClass<C>
export type MiddlewareReference<C = Candy> = routing.MiddlewareReference<C>
export type RouteDefinition<C = Candy> = routing.RouteDefinition<C>
export type RouteOptions<C = Candy> = routing.RouteOptions<C>
export type HttpRouteOptions<C = Candy> = routing.HttpRouteOptions<C>
