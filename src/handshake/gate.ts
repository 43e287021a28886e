import type {Candy} from '../candy.js'
import type {Middleware} from '../routing/route.js'
import type {Offer} from './protocol.js'
import {notAllowed, originAllowed, type OriginPolicy} from './origin.js'
import {
  accepted,
  refusal,
  refuseWith,
  status,
  type Refusal,
  type StatusRefusal,
  type Verdict,
} from './verdict.js'

/** What a request must pass before the handler of its route runs. */
export interface Guards {
  readonly token: boolean
  readonly auth: boolean
  readonly middleware: readonly Middleware<Candy>[]
  readonly origin: OriginPolicy
  /** What must hold of the request itself, such as a number where a parameter says so. */
  readonly admits: ((candy: Candy) => boolean) | undefined
}

/** Whether there is room for one more; if not, how that is told. */
export type Admit = () => StatusRefusal | undefined

const anyNumber: Admit = () => undefined

/**
 * May this request come in? One condition, one answer, in the order the contract gives; whatever is thrown on the
 * way is the caller's to turn into 1011. Nothing of a connection exists before it says yes. Where nobody takes time to
 * answer, the verdict is there at once.
 */
export function judge(
  candy: Candy,
  guards: Guards,
  offer: Offer,
  admit: Admit = anyNumber,
): Verdict | Promise<Verdict> {
  if (guards.admits && !guards.admits(candy)) return status(400, 'parameter')
  if (!originAllowed(candy.Request, guards.origin)) return status(403, 'origin', notAllowed)
  const full = admit()
  if (full) return full
  const ending = candy.visit.endIfUserRevoked()
  return ending ? ending.then(() => judgeCaller(candy, guards, offer)) : judgeCaller(candy, guards, offer)
}

function judgeCaller(candy: Candy, guards: Guards, offer: Offer): Verdict | Promise<Verdict> {
  return guards.auth ? judgeUser(candy, guards, offer) : judgeToken(candy, guards, offer)
}

async function judgeUser(candy: Candy, guards: Guards, offer: Offer): Promise<Verdict> {
  if (!(await candy.Auth.check())) return refusal('unauthorized')
  return judgeToken(candy, guards, offer)
}

function judgeToken(candy: Candy, guards: Guards, offer: Offer): Verdict | Promise<Verdict> {
  if (guards.token && offer.tokens.length === 0) return refusal('missingToken')
  if (guards.token && (offer.tokens.length > 1 || !candy.token(offer.tokens[0]!)))
    return refusal('invalidToken')
  return judgeMiddleware(candy, guards.middleware)
}

function judgeMiddleware(candy: Candy, list: Guards['middleware']): Verdict | Promise<Verdict> {
  for (const [index, middleware] of list.entries()) {
    if (candy.ended) return status(503, 'closing')
    const answer = middleware(candy)
    if (takesTime(answer)) return judgeLater(candy, answer, list.slice(index + 1))
    const verdict = verdictOf(candy, answer)
    if (verdict) return verdict
  }
  return accepted
}

async function judgeLater(candy: Candy, answer: unknown, rest: Guards['middleware']): Promise<Verdict> {
  return verdictOf(candy, await answer) ?? judgeMiddleware(candy, rest)
}

/** Whatever is no plain answer might be something to wait for. */
function takesTime(answer: unknown): boolean {
  return typeof answer !== 'boolean' && answer !== undefined
}

/** What a middleware's answer, or its `Candy.ws.close()`, means; `undefined` lets the request go on. */
export function verdictOf({ws}: Candy, answer: unknown): Refusal | undefined {
  if (ws.verdict) return refuseWith(ws.verdict.code, ws.verdict.reason, 'middleware')
  if (answer === false) return refusal('forbidden')
  return answer === true || answer === undefined ? undefined : refusal('rejected')
}
