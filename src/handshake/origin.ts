import type {CandyRequest} from './request.js'

export interface OriginPolicy {
  /** Exact origins allowed besides the page's own host; `'*'` allows all. */
  readonly origins: '*' | readonly string[]
  readonly requireOrigin: boolean
}

/**
 * Whether the page that asks may connect: its origin's host and port equal `Host`, and the scheme too where it
 * is known; or it is listed. Cookies are sent by every sibling domain and port, `SameSite=Strict`
 * ones included, so this check is what stands between them and a user's socket (RFC 6455, section 10.2).
 *
 * A request without `Origin` is not a browser's and passes, unless `requireOrigin`.
 */
export function originAllowed(request: CandyRequest, policy: OriginPolicy): boolean {
  const origin = request.header('origin')
  if (origin === undefined) return !policy.requireOrigin
  if (policy.origins === '*') return true
  if (policy.origins.includes(origin)) return true
  return isSameOrigin(origin, request)
}

export function isSameOrigin(origin: string, request: CandyRequest): boolean {
  const match = /^(https?):\/\/([^/?#@\\\s,]+)$/.exec(origin)
  if (!match) return false
  const [, scheme, host] = match
  if (request.scheme !== undefined && request.scheme !== scheme) return false
  return withPort(host!, scheme!) === withPort(request.host.toLowerCase(), scheme!)
}

/** Browsers leave the scheme's own port out of both headers; some clients write it. */
function withPort(host: string, scheme: string): string {
  return /:\d+$/.test(host) ? host : `${host}:${scheme === 'https' ? 443 : 80}`
}
