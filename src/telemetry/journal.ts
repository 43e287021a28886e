import type {LogFields, Logger} from '../log.js'
import {limitEvents, type ExceededLimit} from './limit-events.js'

/** What of an app is told and counted beside the traffic of its routes: limits exceeded, and handshakes refused. */
export class Journal {
  readonly #log: Logger
  /** How often each limit was exceeded. */
  readonly exceededCounts = new Map<ExceededLimit, number>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** A limit was exceeded. @param fields route template, connection id and the like; never what a client has written */
  exceeded(limit: ExceededLimit, fields: LogFields = {}): void {
    this.exceededCounts.set(limit, (this.exceededCounts.get(limit) ?? 0) + 1)
    const {event, level} = limitEvents[limit]
    this.#log[level]({event, limit, ...fields}, `limit exceeded: ${limit}`)
  }
}
