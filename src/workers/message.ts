import type {Limit} from '../limits.js'
import type {LogFields} from '../log.js'

/** What a worker is to serve. */
export interface Boot {
  readonly dir: string
  readonly port: number
  readonly host: string
  /** For development, where none is given and none can be kept. */
  readonly secret: string
  /** Whether another worker says that it was made. */
  readonly isSecretSaid: boolean
}

/** What the primary tells a worker. */
export type Order =
  | {readonly candy: 'workers'; readonly order: 'boot'; readonly boot: Boot}
  /** End; another has its place already. */
  | {readonly candy: 'workers'; readonly order: 'giveWay'}
  | {readonly candy: 'workers'; readonly order: 'close'}

/** It hears what it is told: node's cluster module drops what comes before. */
export interface Ready {
  readonly candy: 'workers'
  readonly report: 'ready'
}

/** It accepts connections. */
export interface Serving {
  readonly candy: 'workers'
  readonly report: 'serving'
  readonly url: string
  readonly remarks: readonly string[]
  /** Milliseconds that its end may take. */
  readonly drainTimeout: Limit
}

/** It will not serve. */
export interface Failed {
  readonly candy: 'workers'
  readonly report: 'failed'
  /** For people. */
  readonly fault: string
  /** The same for log lines, one for each fault. */
  readonly faults: readonly LogFields[]
  /** If it is the address that is at fault. */
  readonly address?: {readonly code: string | undefined; readonly message: string}
}

/** How a boot has ended. */
export type Outcome = Serving | Failed

/** What a worker tells the primary. */
export type Report = Ready | Outcome

/** `undefined` for what an app's own code sends: the channel is open to it. */
export function orderOf(message: unknown): Order | undefined {
  const {candy, order} = (message ?? {}) as {candy?: unknown; order?: unknown}
  return candy === 'workers' && typeof order === 'string' ? (message as Order) : undefined
}

/** Likewise. */
export function reportOf(message: unknown): Report | undefined {
  const {candy, report, remarks, faults} = (message ?? {}) as Record<string, unknown>
  if (candy !== 'workers') return undefined
  const isSound =
    report === 'ready' ||
    (report === 'serving' && Array.isArray(remarks)) ||
    (report === 'failed' && Array.isArray(faults))
  return isSound ? (message as Report) : undefined
}

export function failed(fault: string): Failed {
  return {candy: 'workers', report: 'failed', fault, faults: [{error: fault}]}
}
