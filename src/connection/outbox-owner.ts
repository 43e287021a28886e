import type {Limits} from '../limits.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'
import type {Traffic} from '../telemetry/traffic.js'

/** Whose outbox it is. */
export interface OutboxOwner {
  readonly limits: Pick<Limits, 'maxBuffered'>
  readonly traffic: Traffic
  /** Told, once, that a quarter of what may wait does. */
  lagging(): void
  exceeded(limit: ExceededLimit): void
  /** Ends the connection in this very turn. */
  cut(code: number, reason: string): void
}
