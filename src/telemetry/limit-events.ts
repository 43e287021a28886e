import type {LimitName} from '../limits.js'
import type {Logger} from '../log.js'

/** How it is told that a limit was exceeded. `debug`: part of a day's work; `warn`: somebody should know. */
export interface LimitEvent {
  readonly event: string
  readonly level: Extract<keyof Logger, 'debug' | 'warn'>
}

const debug = (event: string): LimitEvent => ({event, level: 'debug'})
const warn = (event: string): LimitEvent => ({event, level: 'warn'})

/** The log event of each limit that can be exceeded. */
export const limitEvents = {
  maxPayload: warn('message.too_large'),
  maxFragments: warn('frame.parts'),
  maxBufferedChunks: warn('frame.parts'),
  maxDepth: debug('message.shape'),
  maxNodes: debug('message.shape'),
  messageTimeout: warn('message.incomplete'),
  messageRate: warn('rate.exceeded'),
  byteRate: warn('rate.exceeded'),
  maxViolations: warn('violations'),
  maxPending: debug('input.paused'),
  maxPendingBytes: debug('input.paused'),
  pauseDeadline: warn('input.stuck'),
  handlerTimeout: debug('handler.timeout'),
  maxBuffered: warn('client.slow'),
  maxRooms: debug('room.rejected'),
  pongTimeout: debug('peer.dead'),
  closeTimeout: debug('close.forced'),
  maxLifetime: debug('conn.recycled'),
  revalidateEvery: debug('session.expired'),
  upgradeTimeout: warn('auth.timeout'),
  maxProtocolHeader: debug('token.invalid'),
  maxToken: debug('token.invalid'),
  tokenTtl: debug('token.expired'),
  maxPendingUpgrades: warn('upgrade.queue'),
  maxConnections: warn('limit.global'),
  maxPerIp: warn('limit.ip'),
  maxPerUser: warn('limit.user'),
  acceptRate: warn('limit.accept'),
  headersTimeout: debug('http.timeout'),
  maxHeaderSize: debug('http.headers'),
  maxHeaders: debug('http.headers'),
  maxUrl: debug('url.rejected'),
  maxQueryKeys: debug('url.rejected'),
  maxBody: debug('http.body'),
  drainTimeout: warn('drain.cut'),
} as const satisfies Partial<Record<LimitName, LimitEvent>>

/** A limit that can be exceeded: the others say how often something is done, or over how long. */
export type ExceededLimit = keyof typeof limitEvents
