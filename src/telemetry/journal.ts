import {Counts} from '../counts.js'
import type {Limits} from '../limits.js'
import type {LogFields, Logger} from '../log.js'
import {limitEvents, type ExceededLimit} from './limit-events.js'

/** Handshakes refused with one code for one reason. */
export interface Refused {
  /** The close code, or the HTTP status. */
  readonly code: number
  readonly why: string
  count: number
}

/** What of an app is told and counted beside the traffic of its routes: limits exceeded, and handshakes refused. */
export class Journal {
  readonly log: Logger
  readonly #refused = new Map<string, Refused>()
  /** How often each limit was exceeded. */
  readonly exceededCounts = new Counts<ExceededLimit>()
  /** Told the seconds from a handshake to its verdict, where somebody wants to know. */
  onJudged: ((seconds: number) => void) | undefined

  constructor(log: Logger) {
    this.log = log
  }

  /** The app begins to serve, with these limits. */
  began(limits: Readonly<Limits>): void {
    this.log.debug({event: 'limits', limits}, 'the limits in effect')
  }

  /** A limit was exceeded. @param fields route template, connection id and the like; never what a client has written */
  exceeded(limit: ExceededLimit, fields: LogFields = {}): void {
    this.exceededCounts.add(limit)
    const {event, level} = limitEvents[limit]
    this.log[level]({event, limit, ...fields}, `limit exceeded: ${limit}`)
  }

  /**
   * A handshake was refused. Counted only: what is told of it differs.
   *
   * @param code the close code, or the HTTP status
   * @param why one of a closed list, which becomes a label; never what a client has written
   */
  refused(code: number, why: string): void {
    const key = `${code} ${why}`
    const known = this.#refused.get(key)
    if (known) known.count += 1
    else this.#refused.set(key, {code, why, count: 1})
  }

  /** Refused handshakes, by code and reason. */
  get refusals(): Iterable<Refused> {
    return this.#refused.values()
  }
}
