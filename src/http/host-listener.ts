import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import type {Router} from './router.js'
import {headersFor} from './refuse.js'
import {asksWhetherReady} from './ready.js'
import {wayOf} from './site.js'

/** A listener as Express, Connect and Vite take it; without `next` it answers everything. */
export type HostListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

export interface HostListenerOptions {
  readonly site: RequestListener
  readonly router: Router
  /** Whether the app takes nobody in any more. */
  readonly isClosing: () => boolean
}

/** Answers the app's own addresses on somebody else's server, and leaves every other request to `next`. */
export function hostListener({site, router, isClosing}: HostListenerOptions): HostListener {
  return (request, response, next) => {
    const url = fullUrl(request)
    const closed = isClosing() && !asksWhetherReady(url)
    if (next && (closed || !isOurs(request, url, router))) return next()
    // The client left while the host was busy. The socket's `close` event is over, so the answer would never end.
    if (request.socket.destroyed) return
    if (closed) return void response.writeHead(503, headersFor(503)).end()
    request.url = url
    site(request, response)
  }
}

/**
 * Mounted below a path, as in `use('/_candy', ...)`, a listener gets a `url` without that path; Express and Connect keep
 * the whole one in `originalUrl`.
 */
function fullUrl(request: IncomingMessage): string {
  return (request as {originalUrl?: string}).originalUrl ?? request.url ?? '/'
}

function isOurs(request: IncomingMessage, url: string, router: Router): boolean {
  if (/^\/_candy(?:[/?]|$)/.test(url)) return true
  const way = wayOf(request)
  return way !== undefined && router.has(url, way)
}
