import type {IncomingMessage, RequestListener} from 'node:http'
import {getRequestListener} from '@hono/node-server'
import {serveStatic} from '@hono/node-server/serve-static'
import {Hono, type Context, type MiddlewareHandler} from 'hono'
import {isListed} from '../handshake/origin.js'
import {describeError} from '../log.js'
import type {Journal} from '../telemetry/journal.js'
import {answer, type Exchange} from './answer.js'
import type {ActiveRequests} from './active-requests.js'
import {clientFiles} from './client-files.js'
import type {Page} from './page.js'
import {readyResponse, type Readiness} from './ready.js'
import type {Router} from './router.js'
import {preflight} from './cors.js'
import {headersFor} from './refuse.js'
import type {HttpWay, Way} from './registry.js'
import {refusalOf, watched} from './response.js'

export interface SiteOptions {
  readonly router: Router
  readonly activeRequests: ActiveRequests
  readonly page: Page
  /** Answers `/_candy/token`. */
  readonly token: (incoming: IncomingMessage) => Promise<Response>
  /** Answers `/_candy/metrics`; `undefined`: there are none. */
  readonly metrics: ((incoming: IncomingMessage) => Promise<Response>) | undefined
  /** Folders of static files, absolute, first to last. */
  readonly folders: readonly string[]
  /** What `/_candy/ready` says. */
  readonly readiness: () => Readiness
  readonly journal: Journal
}

type Env = {Bindings: Exchange}

/** Plain HTTP: readiness, the token endpoint, the browser client, the app's routes, static files, and 404, 405 or 426 for everything else. */
export function siteListener(options: SiteOptions): RequestListener {
  const {metrics} = options
  const site = new Hono<Env>()
  site.use(refuseMalformed(options))
  site.get('/_candy/ready', () => readyResponse(options.readiness()))
  if (metrics) site.get('/_candy/metrics', c => metrics(c.env.incoming))
  site.get('/_candy/token', c => options.token(c.env.incoming))
  site.route('/', clientFiles())
  site.route('/', options.page.routes())
  site.all('/_candy/*', () => refusalOf(404))
  site.use(answerRoutes(options))
  for (const root of options.folders)
    site.use(hiddenFilesStayHidden, watchFiles(options), serveStatic<Env>({root}))
  site.notFound(c => refuseUnknown(c, options))
  site.onError(error => {
    options.journal.log.error(describeError(error), 'answering threw')
    return refusalOf(500)
  })
  // HTTP/1.0, which some health checks still speak, has no Host header: without a default they would get an error.
  const listener = getRequestListener(site.fetch, {overrideGlobalObjects: false, hostname: 'localhost'})
  return (incoming, outgoing) => {
    if (!options.activeRequests.add(incoming, outgoing)) return
    outgoing.setHeader('X-Content-Type-Options', 'nosniff')
    void listener(incoming, outgoing)
  }
}

function refuseMalformed({router}: SiteOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const target = router.read(c.env.incoming.url)
    return 'kind' in target ? refusalOf(target.status) : next()
  }
}

function answerRoutes({router, journal}: SiteOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const {incoming} = c.env
    const way = wayOf(incoming)
    if (way === undefined) return next()
    const routed = router.find(incoming, way)
    if ('kind' in routed) return routed.status === 404 ? next() : refusalOf(routed.status)
    const {candy, endpoint} = routed
    if (incoming.method === 'OPTIONS') {
      const {origins} = endpoint.guards.origin
      if (endpoint.route.kind === 'page' || !isListed(candy.Request.header('origin') ?? '', origins))
        return next()
      return preflight(candy.Request, origins, way)
    }
    return answer(routed, c.env, journal)
  }
}

/** How a request asks for a route. A CORS preflight counts as the request that it asks about. */
export function wayOf({method, headers}: IncomingMessage): HttpWay | undefined {
  const asked = method === 'OPTIONS' ? headers['access-control-request-method'] : method
  if (asked === 'GET' || asked === 'HEAD') return 'GET'
  return asked === 'POST' ? 'POST' : undefined
}

/** Files like `.env` and `.git` are in a public folder by mistake, and not served. `.well-known` is (RFC 8615). */
const hiddenFilesStayHidden: MiddlewareHandler<Env> = async (c, next) => {
  const hidden = c.req.path.split('/').some(segment => segment.startsWith('.') && segment !== '.well-known')
  if (hidden) return c.notFound()
  await next()
  return undefined
}

/** Logs and cuts an answer whose file turns out to be unreadable (no permission, for example) after its head was sent. */
function watchFiles({journal}: SiteOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next()
    if (!c.res.ok || !c.res.body) return
    const body = watched(c.res.body, error => {
      journal.log.error(describeError(error), 'a file of public/ cannot be read')
      c.env.outgoing.destroy()
    })
    c.res = new Response(body, c.res)
  }
}

/** The HTTP methods for each way to ask; a handshake is a GET (RFC 6455, section 4.1). */
const methodsOf: Readonly<Record<Way, readonly string[]>> = {
  upgrade: ['GET'],
  GET: ['GET', 'HEAD'],
  POST: ['POST'],
}

function refuseUnknown(c: Context<Env>, {router, page}: SiteOptions): Response {
  if (page.standsIn) return refusalOf(503, {reason: `${page.fault}\n\n/_candy/ tells it too.`})
  const ways = (['upgrade', 'GET', 'POST'] as const).filter(way => router.has(c.env.incoming.url, way))
  if (ways.length === 0) return refusalOf(404)
  if (ways.includes('upgrade') && c.req.method === 'GET') return refusalOf(426, {headers: headersFor(426)})
  const allowed = new Set(ways.flatMap(way => methodsOf[way]))
  return refusalOf(405, {headers: {Allow: [...allowed].join(', ')}})
}
