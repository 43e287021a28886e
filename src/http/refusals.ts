import type {Duplex} from 'node:stream'
import type {Candy} from '../candy.js'
import type {Offer} from '../handshake/protocol.js'
import {status, type Refusal, type StatusRefusal, type Why} from '../handshake/verdict.js'
import type {LogFields} from '../log.js'
import type {Journal} from '../telemetry/journal.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'
import {refuseUpgrade} from './refuse.js'

const events: Partial<Record<Why, string>> = {
  origin: 'origin.rejected',
  auth: 'auth.failed',
  token: 'token.invalid',
  middleware: 'middleware.stop',
}

/** Tells and counts refused handshakes: by code, and by a reason of a closed list. */
export class Refusals {
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Browsers do not tell a page the status of a refused handshake, so the reason is in the log. */
  tell(candy: Candy, verdict: Refusal | StatusRefusal, {tokens: [token]}: Offer): void {
    const {path, Request} = candy
    const {why} = verdict
    if (why === 'token' && token !== undefined) this.#tellToken(candy, token)
    this.#journal.refused(verdict.kind === 'close' ? verdict.code : verdict.status, why)
    const {host} = Request
    const event = events[why] ?? 'handshake.refused'
    const line = {event, route: path, ...verdict, origin: Request.header('origin'), host}
    this.#journal.log.debug(line, 'handshake refused')
  }

  #tellToken(candy: Candy, token: string): void {
    const fault = candy.tokenFault(token)
    if (fault === 'maxToken' || fault === 'tokenTtl') this.#journal.exceeded(fault, {route: candy.path})
  }

  /** Answers what is no handshake for any route. */
  answer(socket: Duplex, code: number, why: Why): void {
    this.#journal.refused(code, why)
    refuseUpgrade(socket, code)
  }

  /** There is no room. */
  exceeded(limit: ExceededLimit, code: number, fields?: LogFields): StatusRefusal {
    this.#journal.exceeded(limit, fields)
    return status(code, limit)
  }
}
