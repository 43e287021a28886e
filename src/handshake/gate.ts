import type {Candy} from '../candy.js'
import type {Middleware} from '../routing/route.js'
import type {Offer} from './protocol.js'
import {originAllowed, type OriginPolicy} from './origin.js'
import {accepted, refusal, refuseWith, status, type Verdict} from './verdict.js'

/** What stands between a matched address and its handler. */
export interface Door {
  readonly token: boolean
  readonly auth: boolean
  readonly middleware: readonly Middleware<Candy>[]
  readonly origin: OriginPolicy
  /** What must hold of the request itself, such as a number where a parameter says so. */
  readonly admits: ((candy: Candy) => boolean) | undefined
}

/**
 * May this request come in? One condition, one answer, in the order the contract gives; whatever is thrown on the
 * way is the caller's to turn into 1011. Nothing of a connection exists before it says yes.
 */
export async function judge(candy: Candy, door: Door, offer: Offer): Promise<Verdict> {
  if (door.admits && !door.admits(candy)) return status(400)
  if (!originAllowed(candy.Request, door.origin)) return status(403)
  if (door.auth && !(await candy.Auth.check())) return refusal('unauthorized')
  if (door.token && offer.token === undefined) return refusal('missingToken')
  if (door.token && (offer.token === 'conflict' || !candy.token(offer.token!))) return refusal('invalidToken')
  for (const middleware of door.middleware) {
    if (candy.ended) return status(503)
    const answer = await middleware(candy)
    if (candy.ws.verdict) return refuseWith(candy.ws.verdict.code, candy.ws.verdict.reason)
    if (answer === false) return refusal('forbidden')
    if (answer !== true && answer !== undefined) return refusal('rejected')
  }
  return accepted
}
