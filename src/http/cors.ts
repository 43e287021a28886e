import {isSameOrigin} from '../handshake/origin.js'
import type {CandyRequest} from '../handshake/request.js'

/** Whose pages may read an answer, besides the app's own. */
export type Origins = '*' | readonly string[]

/** Whether a request comes from a page of another origin that is not listed. */
export function isForeign(request: CandyRequest, origins: Origins): boolean {
  const origin = request.header('origin')
  if (origin === undefined || isListed(origin, origins)) return false
  return !isSameOrigin(origin, request)
}

export function isListed(origin: string, origins: Origins): boolean {
  return origins === '*' || origins.includes(origin)
}

/** Lets a listed origin's page read the answer, with its cookies (Fetch, section 3.3). */
export function allowReading(headers: Headers, request: CandyRequest, origins: Origins): void {
  headers.append('Vary', 'Origin')
  const origin = request.header('origin')
  if (origin === undefined || !isListed(origin, origins)) return
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Access-Control-Allow-Credentials', 'true')
}

/** The answer to a page of a listed origin that asks whether it may send a token or JSON. */
export function preflight(request: CandyRequest, origins: Origins, method: string): Response {
  const headers = new Headers({
    'Access-Control-Allow-Methods': method,
    'Access-Control-Allow-Headers': 'content-type, x-candy-token',
    'Access-Control-Max-Age': '600',
  })
  allowReading(headers, request, origins)
  return new Response(null, {status: 204, headers})
}
