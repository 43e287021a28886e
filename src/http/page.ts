import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {serveStatic} from '@hono/node-server/serve-static'
import {Hono, type MiddlewareHandler} from 'hono'
import {etag} from 'hono/etag'
import type {Candy} from '../candy.js'
import {closeCodes, errorCodes} from '../codes.js'
import type {CurrentDescription} from '../describe/current.js'
import type {PageData} from '../describe/description.js'
import type {User} from '../identity/user.js'
import type {Journal} from '../telemetry/journal.js'
import {refuseOption} from '../options.js'
import type {RouteOptions} from '../routing/route.js'
import {answer, type Exchange} from './answer.js'
import type {Endpoint} from './endpoint.js'
import type {Registry} from './registry.js'
import type {Router} from './router.js'
import {refusalOf} from './response.js'

export interface PageParts {
  /** Whether there is one, or who may see it. */
  readonly option: boolean | Pick<RouteOptions<Candy>, 'auth' | 'use'> | undefined
  readonly registry: Registry
  readonly router: Router
  readonly description: CurrentDescription
  readonly journal: Journal
}

/** The app's own page: what it serves, to look at and to try. */
export class Page {
  /** Why the last change is not served. */
  fault: string | undefined
  readonly #parts: PageParts
  /** What shows the page, behind its guards; `undefined` where there is none. */
  #endpoint: Endpoint | undefined

  constructor(parts: PageParts) {
    this.#parts = parts
  }

  /** Whether it is all there is, in place of an app that cannot be served. */
  get standsIn(): boolean {
    return this.fault !== undefined && this.#parts.registry.routes.length === 0
  }

  /** Looks up its guards, once the app's middleware is there. @throws BootError */
  complete(): void {
    const {option = !isProduction(), registry} = this.#parts
    if (option === false) return
    const {auth = false, use = []} = option === true ? {} : option
    if (isProduction() && !auth && use.length === 0)
      refuseOption(
        '/_candy',
        'in production the page would be open to everybody',
        "Say who may see it: page: {auth: true}, or page: {use: ['admins']}.",
      )
    const handler = (candy: Candy) => this.#show(candy)
    this.#endpoint = registry.unlisted('/_candy', {options: {auth, use}, handler})
  }

  /** What is below `/_candy/`, besides the token and the client. */
  routes(): Hono<{Bindings: Exchange}> {
    const {router, journal} = this.#parts
    const site = new Hono<{Bindings: Exchange}>()
    site.use('/_candy/*', async (_, next) => (this.#endpoint ? next() : refusalOf(404)))
    site.get(
      '/_candy/page/:file{[\\w-]+\\.(?:js|css|svg)}',
      etag(),
      staysFresh,
      serveStatic({root: files, rewriteRequestPath: path => path.replace('/_candy/page', '')}),
    )
    for (const path of ['/_candy', '/_candy/', '/_candy/app.json'])
      site.get(path, etag(), c => answer(router.at(c.env.incoming, this.#endpoint!), c.env, journal))
    return site
  }

  async #show({Request, Auth}: Candy): Promise<Response> {
    const [path] = Request.url.split('?')
    if (path === '/_candy/app.json')
      return Response.json(await this.#data(Auth), {headers: {'Cache-Control': 'no-store'}})
    // Its address ends in a slash: what it refers to is below.
    if (path === '/_candy') return new Response(null, {status: 308, headers: {Location: '/_candy/'}})
    if (path !== '/_candy/') return refusalOf(404)
    return new Response(await readFile(`${files}index.html`), {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-cache',
        'Content-Security-Policy': policyFor(Request.host),
        // With `no-referrer`, the Origin of the page's own requests would be `null`.
        'Referrer-Policy': 'same-origin',
      },
    })
  }

  async #data(auth: Candy['Auth']): Promise<PageData> {
    const readOnly = isProduction()
    return {
      ...(await this.#parts.description.get()),
      readOnly,
      user: readOnly ? null : known(await auth.user()),
      closeCodes: Object.values(closeCodes).map(({code, reason, policy, when}) => ({
        code,
        reason,
        policy,
        when,
      })),
      errorCodes,
      fault: this.fault ?? null,
    }
  }
}

/** Files of a package are as old as npm makes them, 1985, and would be taken to change as seldom (RFC 9111, section 4.2.2). */
const staysFresh: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('Cache-Control', 'no-cache')
}

/** Who it is, and nothing else that the app knows of them. */
function known(user: User | null): PageData['user'] {
  if (!user) return null
  const {name} = user as {name?: unknown}
  return {id: String(user.id), ...(typeof name === 'string' && {name})}
}

const files = fileURLToPath(new URL('../page/', import.meta.url))

function isProduction(): boolean {
  return process.env.NODE_ENV === 'production'
}

/** Its own files, and nothing else. Some browsers take 'self' for http alone, so its sockets are named. */
function policyFor(host: string): string {
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'${sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}
