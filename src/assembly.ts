import {join} from 'node:path'
import {isFolder, roots} from './boot/files.js'
import {titleOf} from './boot/manifest.js'
import type {AppOptions} from './boot/options.js'
import {CandyRoute, type Candy} from './candy.js'
import type {WsClient} from './connection/ws-client.js'
import {Wheel} from './connection/wheel.js'
import {WsServer} from './connection/ws-server.js'
import {Container} from './decorators/container.js'
import {CurrentDescription} from './describe/current.js'
import {checkDependencies} from './decorators/dependencies.js'
import type {Problems} from './errors.js'
import {Identities} from './identity/identities.js'
import {MiddlewareRegistry, type ResolveClass} from './handshake/middleware.js'
import {metricsAccess} from './handshake/metrics-access.js'
import {compileTrust} from './handshake/request.js'
import {Revocations} from './identity/revocations.js'
import {Keys, readSecret} from './identity/secret.js'
import {Sessions} from './identity/session.js'
import {Tokens} from './identity/token.js'
import {ActiveRequests} from './http/active-requests.js'
import {hostListener} from './http/host-listener.js'
import {Router} from './http/router.js'
import {endRevoked, Connections} from './http/connections.js'
import {Registry} from './http/registry.js'
import {Page} from './http/page.js'
import {HttpServer} from './http/server.js'
import {siteListener} from './http/site.js'
import {metricsResponse} from './http/metrics-endpoint.js'
import {exposed} from './http/exposed.js'
import {tokenResponse} from './http/token-endpoint.js'
import {Upgrades} from './http/upgrade.js'
import {guardLogger} from './log.js'
import {readiness} from './http/ready.js'
import {rateLimit} from './middleware/rate-limit.js'
import {bound, defaultLimits, limitsOver} from './limits.js'
import {defaultLogger} from './telemetry/default-logger.js'
import {Journal} from './telemetry/journal.js'
import {RationedLogger} from './telemetry/rationed-logger.js'
import {randomId} from './random.js'
import {Backplane} from './rooms/backplane.js'
import {Hub} from './rooms/hub.js'
import {defaultGrace, Presence} from './rooms/presence.js'

/** The rooms of one app, put together from the ground up. */
export type Assembly = ReturnType<typeof assemble>

/** @param isServing whether the app serves already */
export function assemble(options: AppOptions, dir: string, problems: Problems, isServing: () => boolean) {
  const {origins = [], requireOrigin = false, refuse = 'close', whitelist = 'refuse'} = options
  const log = new RationedLogger(guardLogger(options.logger ?? defaultLogger()))
  const journal = new Journal(log)
  const limits = limitsOver(defaultLimits, options.limits)
  const keys = new Keys(problems.collect(() => readSecret(options.secret, dir, log)) ?? '')
  const revocations = new Revocations()
  const sessions = new Sessions(keys, revocations)
  const tokens = new Tokens(keys, limits)
  const identities = new Identities({
    keys,
    sessions,
    revocations,
    auth: options.auth,
    revalidate: limits.revalidateEvery,
  })
  const trust = compileTrust(options.trustProxy ?? false)
  const trustsProxies = options.trustProxy !== undefined && options.trustProxy !== false
  const hub = new Hub<WsClient>(bound(limits.maxBuffered))
  const node = randomId()
  const presence = new Presence<WsClient>({hub, node, grace: options.presenceGrace ?? defaultGrace, log})
  hub.attendance = presence
  const wsServer = new WsServer(hub, presence)

  const container = new Container()
  container.provide(WsServer, wsServer)
  const middleware = new MiddlewareRegistry(
    new Map([['rate-limit', rateLimit()]]),
    middlewareMaker(container),
  )
  const registry = new Registry({
    dir,
    container,
    defaults: {
      origins,
      requireOrigin,
      refuse,
      whitelist,
      limits,
      isMeasured: Boolean(options.metrics),
      middleware: middleware.resolve.bind(middleware),
    },
    isComplete: () => options.strict === true && isServing(),
  })
  const Route = new CandyRoute(draft => registry.declare(draft), wsServer)
  const router = new Router({registry, hub, Route, identities, tokens, trust, limits, journal})

  const connections = new Connections()
  revocations.onRevoke = revoked => endRevoked(revoked, connections, revocations)
  const backplane =
    typeof options.bus === 'object'
      ? new Backplane(node, {
          bus: options.bus,
          hub,
          presence,
          log,
          denied: denials => denials.forEach(denial => revocations.learn(denial)),
        })
      : undefined
  revocations.onMade = denied => backplane?.deny(denied)
  identities.onRenew = (session, expires) => connections.renewSession(session, expires)
  const wheel = new Wheel()
  const upgrades = new Upgrades({
    journal,
    wheel,
    router,
    connections,
    perMessageDeflate: options.perMessageDeflate ?? false,
    limits,
    trustsProxies,
  })

  const description = new CurrentDescription(
    () => registry.described,
    () => titleOf(dir),
  )
  const page = new Page({option: options.page, registry, router, description, journal})
  const exposition = options.metrics
    ? exposed({registry, connections, hub, upgrades, bus: backplane?.traffic, journal})
    : undefined
  const activeRequests = new ActiveRequests()
  const site = {
    page,
    router,
    activeRequests,
    journal,
    readiness: () => readiness(upgrades.isClosing, backplane?.traffic),
    metrics:
      exposition && metricsResponse.bind(undefined, metricsAccess(options.metrics || {}, trust), exposition),
    token: tokenResponse.bind(undefined, {identities, tokens, trust, origins}),
  }
  const folders = options.dir === undefined ? [] : roots(dir).map(root => join(root, 'public'))
  const pages = siteListener({...site, folders: folders.filter(isFolder)})
  const hosts = {origins, trustsProxies}
  const server = new HttpServer({pages, upgrades, activeRequests, journal, limits, hosts})
  const listener = hostListener({
    // On somebody else's server, static files are that server's own business.
    site: siteListener({...site, folders: []}),
    router,
    isClosing: () => upgrades.isClosing,
  })
  return {
    begin() {
      container.makeSingletons()
      journal.began(limits)
      exposition?.begin()
      backplane?.begin()
    },
    async end() {
      wheel.end()
      presence.end()
      await backplane?.end()
      exposition?.end()
      await container.dispose()
      log.flush()
    },
    middleware,
    registry,
    Route,
    router,
    revocations,
    limits,
    upgrades,
    server,
    listener,
    page,
    description,
  }
}

/** A middleware class lives as long as the app: made at first use, by the app's container. */
function middlewareMaker(container: Container): ResolveClass {
  return (cls, place) => {
    checkDependencies(cls, container, place, cls.name)
    let instance: {handle(candy: Candy): unknown} | undefined
    return {handle: candy => (instance ??= container.get(cls)).handle(candy)}
  }
}
