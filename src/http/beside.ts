import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import type {Callers} from './callers.js'
import {headersFor} from './refuse.js'
import {wayOf} from './site.js'

/** A listener as Express, Connect and Vite take it; without `next` it answers everything. */
export type HostListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

export interface BesideOptions {
  readonly site: RequestListener
  readonly callers: Callers
  /** Whether the app takes nobody in any more. */
  readonly isClosing: () => boolean
}

/** The app's own addresses on somebody else's server: what is not one of them is `next`'s. */
export function besideOthers({site, callers, isClosing}: BesideOptions): HostListener {
  return (request, response, next) => {
    const url = fullUrl(request)
    if (next && (isClosing() || !isOurs(request, url, callers))) return next()
    // What the host did before took longer than its client stayed; nothing would tell us so any more.
    if (request.socket.destroyed) return
    if (isClosing()) return void response.writeHead(503, headersFor(503)).end()
    request.url = url
    site(request, response)
  }
}

/** Under a path of its own, `use('/_candy', ...)`, a listener sees the rest of the URL only; Express and Connect keep the whole. */
function fullUrl(request: IncomingMessage): string {
  return (request as {originalUrl?: string}).originalUrl ?? request.url ?? '/'
}

function isOurs(request: IncomingMessage, url: string, callers: Callers): boolean {
  if (/^\/_candy(?:[/?]|$)/.test(url)) return true
  const way = wayOf(request)
  return way !== undefined && callers.knows(url, way)
}
