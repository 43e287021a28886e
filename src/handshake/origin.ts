import type {CandyRequest} from './request.js'

/** Exact origins allowed besides the page's own host; `'*'` allows all. */
export type Origins = '*' | readonly string[]

export interface OriginPolicy {
  readonly origins: Origins
  readonly requireOrigin: boolean
}

/** The body of a 403, so that its reader knows which of the checks failed. */
export const notAllowed = 'Origin not allowed'

/** Whether the Origin may connect. A request without one does not come from a browser, and passes unless `requireOrigin`. */
export function originAllowed(request: CandyRequest, {origins, requireOrigin}: OriginPolicy): boolean {
  if (requireOrigin && request.header('origin') === undefined) return false
  return !isForeign(request, origins)
}

/**
 * Whether a request comes from a page of another origin: its host and port do not equal `Host`, or the scheme where it is
 * known; and it is not listed. Cookies are sent by every sibling domain and port, `SameSite=Strict` ones included, so
 * this check is what stands between them and a user's socket (RFC 6455, section 10.2).
 */
export function isForeign(request: CandyRequest, origins: Origins): boolean {
  const origin = request.header('origin')
  return origin !== undefined && !isListed(origin, origins) && !isSameOrigin(origin, request)
}

/** Scheme and host are the same in any case (RFC 6454, section 4); those that are listed are in lower case. */
export function isListed(origin: string, origins: Origins): boolean {
  return origins === '*' || origins.includes(origin.toLowerCase())
}

function isSameOrigin(origin: string, request: CandyRequest): boolean {
  const match = /^(https?):\/\/([^/?#@\\\s,]+)$/.exec(origin.toLowerCase())
  if (!match) return false
  const [, scheme, host] = match
  if (request.scheme !== undefined && request.scheme !== scheme) return false
  return withPort(host!, scheme!) === withPort(request.host.toLowerCase(), scheme!)
}

/** Browsers leave the scheme's own port out of both headers; some clients write it. */
function withPort(host: string, scheme: string): string {
  return /:\d+$/.test(host) ? host : `${host}:${scheme === 'https' ? 443 : 80}`
}
