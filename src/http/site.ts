import type {IncomingMessage} from 'node:http'
import {getRequestListener} from '@hono/node-server'
import {serveStatic} from '@hono/node-server/serve-static'
import {Hono} from 'hono'
import {isSameOrigin} from '../handshake/origin.js'
import {CandyRequest, type Trust} from '../handshake/request.js'
import type {Sessions} from '../handshake/session.js'
import {emptyRecord, parseTarget} from '../handshake/target.js'
import {tokenLifetime, type Tokens} from '../handshake/token.js'
import {bound, type Limit} from '../options.js'
import {headersFor} from './refuse.js'

export interface SiteOptions {
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly trust: Trust
  readonly origins: '*' | readonly string[]
  /** Folders of static files, absolute, first to last. */
  readonly folders: readonly string[]
  readonly maxUrl: Limit
  /** Whether there is a WebSocket route at this path. */
  readonly isWebSocket: (segments: readonly string[]) => boolean
}

type Env = {Bindings: {incoming: IncomingMessage}}

/** Plain HTTP: the token, static files, and an answer for whoever asks a WebSocket path without upgrading. */
export function siteListener(options: SiteOptions): ReturnType<typeof getRequestListener> {
  const site = new Hono<Env>()
  site.use(async (c, next) => {
    const target = parseTarget(c.env.incoming.url ?? '', bound(options.maxUrl))
    if (typeof target === 'number') return c.text(target === 414 ? 'URI Too Long\n' : 'Bad Request\n', target)
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
    return undefined
  })
  site.get('/_candy/token', c => tokenResponse(c.env.incoming, options))
  site.all('/_candy/*', c => c.text('Not Found\n', 404))
  for (const root of options.folders) site.use(hiddenFilesStayHidden, serveStatic<Env>({root}))
  site.notFound(c => {
    const target = parseTarget(c.env.incoming.url ?? '', bound(options.maxUrl))
    if (typeof target === 'number' || !options.isWebSocket(target.segments)) return c.text('Not Found\n', 404)
    const status = c.req.method === 'GET' ? 426 : 405
    return c.text(status === 426 ? 'Upgrade Required\n' : 'Method Not Allowed\n', status, headersFor(status))
  })
  return getRequestListener(site.fetch, {overrideGlobalObjects: false})
}

/** `.env` and `.git` in a public folder are there by mistake; `.well-known` is not (RFC 8615). */
async function hiddenFilesStayHidden(
  c: {req: {path: string}; notFound: () => Response | Promise<Response>},
  next: () => Promise<void>,
) {
  const hidden = c.req.path.split('/').some(segment => segment.startsWith('.') && segment !== '.well-known')
  if (hidden) return c.notFound()
  await next()
  return undefined
}

/** A token for the session, which begins here if there is none. Nobody's page but ours may read it. */
function tokenResponse(incoming: IncomingMessage, {sessions, tokens, trust, origins}: SiteOptions): Response {
  const request = new CandyRequest(incoming, emptyRecord(), emptyRecord(), trust)
  const origin = request.header('origin')
  const listed = origin !== undefined && (origins === '*' || origins.includes(origin))
  const own = origin === undefined || isSameOrigin(origin, request)
  const site = request.header('sec-fetch-site') ?? 'none'
  if (!listed && (!own || (site !== 'same-origin' && site !== 'none')))
    return new Response('Forbidden\n', {status: 403})

  const known = sessions.isMalformed(request) ? undefined : sessions.read(request)
  const session = known ?? sessions.create()
  const headers = new Headers({'Cache-Control': 'no-store', Vary: 'Origin'})
  if (known === undefined) headers.append('Set-Cookie', sessions.setCookie(session, request.secure))
  if (listed) {
    headers.set('Access-Control-Allow-Origin', origin)
    headers.set('Access-Control-Allow-Credentials', 'true')
  }
  const body = {token: tokens.mint(session), expiresIn: tokenLifetime, identity: sessions.identity(session)}
  return Response.json(body, {headers})
}
