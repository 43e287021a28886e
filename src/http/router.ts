import {Candy, type CandyRoute} from '../candy.js'
import {Listeners} from '../connection/listeners.js'
import {WsClient} from '../connection/ws-client.js'
import {CandyAuth} from '../identity/auth.js'
import type {Identities} from '../identity/identities.js'
import {CandyRequest, type RequestHead, type Trust} from '../handshake/request.js'
import {emptyRecord, parseTarget, type Target} from '../handshake/target.js'
import {status, type StatusRefusal} from '../handshake/verdict.js'
import type {Tokens} from '../identity/token.js'
import {Visit} from '../identity/visit.js'
import {bound, type Limits} from '../limits.js'
import type {Journal} from '../telemetry/journal.js'
import {randomId} from '../random.js'
import type {Hub} from '../rooms/hub.js'
import {isTracing, traceFrom} from '../telemetry/trace.js'
import type {Endpoint} from './endpoint.js'
import type {Registry, Way} from './registry.js'

/** A request whose route was found, and the context that the route's handler will see. A WebSocket has no socket yet. */
export interface RoutedRequest {
  readonly endpoint: Endpoint
  readonly candy: Candy
  /** When it came, on the clock of `performance`. */
  readonly since: number
}

export interface RouterOptions {
  readonly registry: Registry
  readonly hub: Hub<WsClient>
  readonly Route: CandyRoute
  readonly identities: Identities
  readonly tokens: Tokens
  readonly trust: Trust
  readonly limits: Pick<Limits, 'maxUrl' | 'maxQueryKeys'>
  readonly journal: Journal
}

/** Finds the route of a request, and makes the context that its handler will see. */
export class Router {
  readonly #options: RouterOptions

  constructor(options: RouterOptions) {
    this.#options = options
  }

  /** Takes a URL apart. @returns for one that is malformed or too long, the refusal */
  read(url: string | undefined): Target | StatusRefusal {
    const {limits, journal} = this.#options
    const target = parseTarget(url ?? '', bound(limits.maxUrl))
    if (target === 400) return status(400, 'malformed')
    if (target === 414) {
      journal.exceeded('maxUrl')
      return status(414, 'maxUrl')
    }
    if (Object.keys(target.query).length <= bound(limits.maxQueryKeys)) return target
    journal.exceeded('maxQueryKeys')
    return status(400, 'maxQueryKeys')
  }

  /** @returns for a malformed request, or one without a route, the refusal */
  find(head: RequestHead, way: Way): RoutedRequest | StatusRefusal {
    const {registry, identities, trust} = this.#options
    const target = this.read(head.url)
    if ('kind' in target) return target
    const match = registry.match(way, target.segments)
    if (!match) return status(404, 'path')
    const request = new CandyRequest(head, match.params, target.query, trust)
    if (identities.sessions.isMalformed(request)) return status(400, 'malformed')
    const candy = this.#context(request, match.value, way !== 'upgrade')
    return {endpoint: match.value, candy, since: performance.now()}
  }

  /** A request for an endpoint that stands in no table. The URL has been judged. */
  at(head: RequestHead, endpoint: Endpoint): RoutedRequest {
    const target = parseTarget(head.url ?? '', Number.POSITIVE_INFINITY)
    const query = typeof target === 'number' ? emptyRecord() : target.query
    const request = new CandyRequest(head, emptyRecord(), query, this.#options.trust)
    return {endpoint, candy: this.#context(request, endpoint, true), since: performance.now()}
  }

  /** Whether there is a route for a URL. Makes no context. */
  has(url: string | undefined, way: Way): boolean {
    const target = parseTarget(url ?? '', bound(this.#options.limits.maxUrl))
    return typeof target !== 'number' && this.#options.registry.match(way, target.segments) !== undefined
  }

  #context(request: CandyRequest, endpoint: Endpoint, isHttp: boolean): Candy {
    const {
      route: {path},
      learned,
    } = endpoint
    const {hub, journal, identities, tokens, Route} = this.#options
    const visit = new Visit(identities, request, isHttp)
    const auth = new CandyAuth(visit)
    const id = randomId()
    const listeners = new Listeners({log: journal.log, route: path, connection: id, learned})
    const ws = new WsClient({id, hub, who: auth, isHttp, route: endpoint, listeners})
    const trace =
      !isHttp && isTracing()
        ? traceFrom(request.header('traceparent'), request.header('tracestate'))
        : undefined
    return new Candy({ws, path, Request: request, Auth: auth, Route, tokens, visit, trace})
  }
}
