import {isListed, type Origins} from '../handshake/origin.js'
import type {CandyRequest} from '../handshake/request.js'

/** Lets pages of the listed origins read an answer to a request with cookies (Fetch, section 3.3). */
export function allowReading(headers: Headers, request: CandyRequest, origins: Origins): void {
  headers.append('Vary', 'Origin')
  const origin = request.header('origin')
  if (origin === undefined || !isListed(origin, origins)) return
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Access-Control-Allow-Credentials', 'true')
}

/** Answers a preflight: the browser asks whether a page of a listed origin may send the token header or JSON. */
export function preflight(request: CandyRequest, origins: Origins, method: string): Response {
  const headers = new Headers({
    'Access-Control-Allow-Methods': method,
    'Access-Control-Allow-Headers': 'content-type, x-candy-token',
    'Access-Control-Max-Age': '600',
  })
  allowReading(headers, request, origins)
  return new Response(null, {status: 204, headers})
}
