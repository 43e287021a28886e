import {createHash, timingSafeEqual} from 'node:crypto'
import type {Check} from '../options.js'
import {CandyRequest, compileTrust, trustProxyCheck, type RequestHead, type Trust} from './request.js'
import {emptyRecord} from './target.js'

/** Who may read the metrics. Where both are given, both are asked for. */
export interface MetricsOptions {
  /** At least 16 characters, sent as `Authorization: Bearer <token>`. */
  token?: string
  /** Addresses, CIDR ranges, or `'loopback'`. */
  allow?: string | readonly string[]
}

const wanted =
  "{token: 16 characters or more} or {allow: addresses, CIDR ranges or 'loopback'}: metrics tell what an app does, so say who may read them"

export const metricsCheck: Check = value => {
  if (value === false) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wanted
  const {token, allow, ...rest} = value as Record<string, unknown>
  if (Object.keys(rest).length > 0 || (token === undefined && allow === undefined)) return wanted
  if (token !== undefined && (typeof token !== 'string' || token.length < 16)) return wanted
  if (allow === undefined) return undefined
  const list = typeof allow === 'string' ? [allow] : allow
  return Array.isArray(list) && list.length > 0 && !trustProxyCheck(list) ? undefined : wanted
}

/** Each is a proxy's, which names itself or its client by it. */
const forwarded = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

/** Says with which status a request for the metrics is refused; `undefined`: it is not. */
export function metricsAccess(
  {token, allow}: MetricsOptions,
  trust: Trust,
): (head: RequestHead) => 401 | 403 | undefined {
  const isAllowed =
    allow === undefined ? undefined : compileTrust(typeof allow === 'string' ? [allow] : allow)
  return head => {
    const request = new CandyRequest(head, emptyRecord(), emptyRecord(), trust)
    if (isAllowed && !isAllowed(addressOf(request, head, trust), 0)) return 403
    if (token === undefined) return undefined
    return isSame(request.header('authorization') ?? '', `Bearer ${token}`) ? undefined : 401
  }
}

/** What came through a proxy that nobody declared came from who knows where, and not from the proxy's address. */
function addressOf(request: CandyRequest, {socket}: RequestHead, trust: Trust): string {
  const isTrusted = trust(socket.remoteAddress ?? '', 0)
  if (isTrusted && request.header('x-forwarded-for') !== undefined) return request.ip
  return forwarded.some(name => request.header(name) !== undefined) ? '' : request.ip
}

/** In constant time, whatever their lengths. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}
