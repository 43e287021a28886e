import type {Candy} from '../candy.js'
import type {CompiledHandler} from '../decorators/compiled-handler.js'
import {bootError, Problems} from '../errors.js'
import type {AcceptOptions} from '../handshake/accept.js'
import type {Guards} from '../handshake/gate.js'
import {LearnedContract} from '../messages/contract.js'
import {checksOutgoing} from '../messages/declared.js'
import {limitsOver, type Limits} from '../limits.js'
import {encode, type Encode} from '../rooms/frame.js'
import {Traffic} from '../telemetry/traffic.js'
import type {Middleware, MiddlewareReference, RouteDefinition, RouteOptions} from '../routing/route.js'

/** A route with everything needed to serve it: what the route table finds for a path. */
export interface Endpoint extends AcceptOptions {
  readonly route: RouteDefinition<Candy>
  readonly guards: Guards
  readonly refuse: 'close' | 'http'
  /** Judges what its connections send, where the route declares it. */
  readonly encode: Encode
}

/** The app's options that hold for a route which does not give its own. */
export interface EndpointDefaults extends Required<
  Pick<RouteOptions, 'origins' | 'requireOrigin' | 'refuse' | 'whitelist'>
> {
  readonly limits: Limits
  /** Whether it is measured how long messages take. */
  readonly isMeasured: boolean
  readonly middleware: (reference: MiddlewareReference<Candy>, place: string) => Middleware<Candy>
}

/** @throws BootError `UNKNOWN_MIDDLEWARE`, `UNSAFE_ROUTE` and what is wrong with a middleware class */
export function endpointOf(route: RouteDefinition<Candy>, defaults: EndpointDefaults): Endpoint {
  const {options, source} = route
  const handler = route.handler as CompiledHandler
  const origin = {
    origins: options.origins ?? defaults.origins,
    requireOrigin: options.requireOrigin ?? defaults.requireOrigin,
  }
  const problems = new Problems()
  const middleware = route.use.flatMap(
    reference => problems.collect(() => defaults.middleware(reference, source)) ?? [],
  )
  const asksUser = route.auth || handler.asksUser === true
  // A page is left out: it may be shown by any site, but no script of another origin can read it.
  const isOpen = origin.origins === '*' && !route.token && route.kind !== 'page'
  if (isOpen && asksUser && options.public !== true)
    problems.keep(
      bootError(
        'UNSAFE_ROUTE',
        source,
        `${route.path} knows its users, and checks neither Origin nor token: any web page could act as them`,
        'Keep the token, list the origins, or say that it is meant: {public: true}.',
      ),
    )
  problems.throwIfAny()
  return {
    route,
    refuse: options.refuse ?? defaults.refuse,
    guards: {
      token: route.token,
      auth: route.auth,
      origin,
      admits: handler.admits,
      middleware,
    },
    handler,
    encode: handler.encode ?? encode,
    traffic: new Traffic(),
    parallel: options.parallel ?? 1,
    whitelist: options.whitelist ?? defaults.whitelist,
    checksReplies: checksOutgoing(),
    learned: new LearnedContract(handler.declared),
    limits: limitsOver(defaults.limits, options.limits),
  }
}
