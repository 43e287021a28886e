import {checks, type Check} from './options.js'

/** A bound on what one peer may cost; `'off'` takes the bound away. Sizes are bytes, times milliseconds. */
export type Limit = number | 'off'

/** The bounds of an app, and most of them of a route. `docs/guide/production.md` says what each is for. */
export interface Limits {
  /** Largest message, after reassembly. Default 64 KiB; exceeded: close 1009. */
  maxPayload: Limit
  /** Most fragments in one message. Default 256; exceeded: close 1008. */
  maxFragments: Limit
  /** Most pieces in which an unfinished frame may arrive. Default 4096; exceeded: close 1008. */
  maxBufferedChunks: Limit
  /** Objects and arrays within each other in a message, itself included. Default 32; exceeded: error frame `VALIDATION`, rule `shape`. */
  maxDepth: Limit
  /** Values in a message. Default 10,000; exceeded: error frame `VALIDATION`, rule `shape`. */
  maxNodes: Limit
  /** From the first byte of a message to its last. Default 30 s; exceeded: close 1008. */
  messageTimeout: Limit
  /** Messages and pings per second of one connection, twice as many at once. Default 100; exceeded: close 1008, cut. */
  messageRate: Limit
  /** Bytes of messages per second of one connection, twice as many or one `maxPayload` at once. Default 1 MiB; exceeded: close 1008, cut. */
  byteRate: Limit
  /** `BAD_JSON`, `UNKNOWN_TYPE` and `VALIDATION` within a minute on one connection. Default 20; exceeded: close 1008, after the answer. */
  maxViolations: Limit
  /** Messages held while a handler runs, before reading pauses. Default 64; nothing is dropped. */
  maxPending: Limit
  /** Bytes held while a handler runs, before reading pauses. Default 256 KiB; nothing is dropped. */
  maxPendingBytes: Limit
  /** How long reading may be paused while no message's turn comes. Default 30 s; exceeded: close 1013, cut. */
  pauseDeadline: Limit
  /** How long the handling of one message may take. Default 30 s; exceeded: error frame `TIMEOUT`, and the next one's turn. */
  handlerTimeout: Limit
  /** Bytes sent and not yet taken by the operating system, per connection. Default 1 MiB; exceeded: close 1013, cut. */
  maxBuffered: Limit
  /** Rooms one connection is in. Default 128; exceeded: `CandyError('ROOM')` where it joins. */
  maxRooms: Limit
  /** From one ping of the server to the next. Default 25 s; proxies give up after 60. */
  pingInterval: Limit
  /** How long a pinged peer may give no sign of life. Default 10 s; exceeded: its socket is cut. */
  pongTimeout: Limit
  /** How long a peer may take to answer a close frame before its socket is cut. Default 2 s. */
  closeTimeout: Limit
  /** How long a connection may last, give or take a tenth. Default 24 h; exceeded: close 1012. */
  maxLifetime: Limit
  /** After how long the app's own `auth` is asked again. Default 5 min; another user, or none: close 4001. App-wide only. */
  revalidateEvery: Limit
  /** How long auth and middleware may take over one handshake. Default 10 s; exceeded: HTTP 503. */
  upgradeTimeout: Limit
  /** Bytes of `Sec-WebSocket-Protocol`. Default 2 KiB; exceeded: HTTP 431. App-wide only. */
  maxProtocolHeader: Limit
  /** Characters of a token. Default 512; exceeded: 4002 `Invalid token`. App-wide only. */
  maxToken: Limit
  /** How long a token is good for. Default 10 min; exceeded: 4002 `Invalid token`. App-wide only. */
  tokenTtl: Limit
  /** Handshakes that wait for auth or middleware. Default 1,000; exceeded: HTTP 503. App-wide only. */
  maxPendingUpgrades: Limit
  /** Open connections. Default 10,000; exceeded: HTTP 503. App-wide only. */
  maxConnections: Limit
  /** Connections of one address, an IPv6 /64 counting as one. Default 50; exceeded: HTTP 429. App-wide only. */
  maxPerIp: Limit
  /** Connections of one user. Default 20; exceeded: close 1008. App-wide only. */
  maxPerUser: Limit
  /** Handshakes per second. Default 500; exceeded: HTTP 503 with `Retry-After`. App-wide only. */
  acceptRate: Limit
  /** How long a client may take over the head of a request, on the app's own server. Default 10 s; exceeded: HTTP 408; `'off'` leaves 300 s for a whole request. App-wide only. */
  headersTimeout: Limit
  /** Bytes of a request's head, on the app's own server. Default 16 KiB; exceeded: HTTP 431. App-wide only. */
  maxHeaderSize: Limit
  /** Header lines of a request, on the app's own server. Default 100; exceeded: HTTP 431. App-wide only. */
  maxHeaders: Limit
  /** Longest request target. Default 2048; exceeded: HTTP 414. App-wide only. */
  maxUrl: Limit
  /** Parameters in a query. Default 50; exceeded: HTTP 400. App-wide only. */
  maxQueryKeys: Limit
  /** Largest body of a `post`. Default 100 KiB; exceeded: HTTP 413. */
  maxBody: Limit
  /** How long the app may take to end, if `close()` does not say. Default 25 s; what is left is cut. App-wide only. */
  drainTimeout: Limit
  /** Over how long the clients are told, at most a third of the whole. Default 8 s. App-wide only. */
  drainSpread: Limit
}

export type LimitName = keyof Limits

const kib = 1_024
const seconds = 1_000
const minutes = 60 * seconds

export const defaultLimits: Readonly<Limits> = Object.freeze({
  maxPayload: 64 * kib,
  maxFragments: 256,
  maxBufferedChunks: 4_096,
  maxDepth: 32,
  maxNodes: 10_000,
  messageTimeout: 30 * seconds,
  messageRate: 100,
  byteRate: 1_024 * kib,
  maxViolations: 20,
  maxPending: 64,
  maxPendingBytes: 256 * kib,
  pauseDeadline: 30 * seconds,
  handlerTimeout: 30 * seconds,
  maxBuffered: 1_024 * kib,
  maxRooms: 128,
  pingInterval: 25 * seconds,
  pongTimeout: 10 * seconds,
  closeTimeout: 2 * seconds,
  maxLifetime: 24 * 60 * minutes,
  revalidateEvery: 5 * minutes,
  upgradeTimeout: 10 * seconds,
  maxProtocolHeader: 2 * kib,
  maxToken: 512,
  tokenTtl: 10 * minutes,
  maxPendingUpgrades: 1_000,
  maxConnections: 10_000,
  maxPerIp: 50,
  maxPerUser: 20,
  acceptRate: 500,
  headersTimeout: 10 * seconds,
  maxHeaderSize: 16 * kib,
  maxHeaders: 100,
  maxUrl: 2_048,
  maxQueryKeys: 50,
  maxBody: 100 * kib,
  drainTimeout: 25 * seconds,
  drainSpread: 8 * seconds,
})

/** Limits over others; one that is `undefined` is not given, and must not take the bound away. */
export function limitsOver(base: Readonly<Limits>, given: Partial<Limits> = {}): Limits {
  const entries = Object.entries(given).filter(([, limit]) => limit !== undefined)
  return {...base, ...(Object.fromEntries(entries) as Partial<Limits>)}
}

/** A limit as a number to compare with. */
export function bound(limit: Limit): number {
  return limit === 'off' ? Number.POSITIVE_INFINITY : limit
}

/** The limits that are milliseconds; the others are sizes. */
const times: ReadonlySet<string> = new Set<LimitName>([
  'messageTimeout',
  'pauseDeadline',
  'handlerTimeout',
  'pingInterval',
  'pongTimeout',
  'closeTimeout',
  'maxLifetime',
  'revalidateEvery',
  'upgradeTimeout',
  'tokenTtl',
  'headersTimeout',
  'drainTimeout',
  'drainSpread',
])

export const limitChecks = Object.fromEntries(
  Object.keys(defaultLimits).map(name => [name, times.has(name) ? checks.timeLimit : checks.size]),
) as Readonly<Record<LimitName, Check>>

/** Limits that are no route's own: they hold before the route is known, or for all routes together. */
export const appWideLimits = [
  'maxProtocolHeader',
  'maxToken',
  'tokenTtl',
  'revalidateEvery',
  'maxPendingUpgrades',
  'maxConnections',
  'maxPerIp',
  'maxPerUser',
  'acceptRate',
  'headersTimeout',
  'maxHeaderSize',
  'maxHeaders',
  'maxUrl',
  'maxQueryKeys',
  'drainTimeout',
  'drainSpread',
] as const satisfies readonly LimitName[]

export type AppWideLimit = (typeof appWideLimits)[number]

/** The checks of the limits that a WebSocket route may have of its own. */
export const routeLimitChecks: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries(limitChecks).filter(
    ([name]) => name !== 'maxBody' && !(appWideLimits as readonly string[]).includes(name),
  ),
)
