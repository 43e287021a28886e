import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {CandyError} from '../errors.js'
import {verdictOf, type Door} from '../handshake/gate.js'
import {isForeign, notAllowed} from '../handshake/origin.js'
import {refusal, type Refusal} from '../handshake/verdict.js'
import {describeError, type Logger} from '../log.js'
import {readFields} from './body.js'
import type {Caller} from './callers.js'
import {allowReading} from './cors.js'
import type {Endpoint} from './endpoint.js'
import {isResponse, personal, refusalOf, responseOf} from './response.js'

/** A request, and where its answer goes. */
export interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

type Failed = (error: unknown, what: string) => void

/** The way of one HTTP request, once its route is found. Never rejects; what user code throws is one line in the log. */
export async function answer({candy, endpoint}: Caller, exchange: Exchange, log: Logger): Promise<Response> {
  const {kind} = endpoint.route
  const failed: Failed = (error, what) => {
    const line = {route: candy.path, connection: candy.ws.id, ...describeError(error)}
    // What fails after the end fails because of it.
    log[candy.ended ? 'debug' : 'error'](line, `the ${kind} ${what}`)
  }
  const answered = await attempt(candy, endpoint, exchange, failed)
  const {body, status, statusText} = answered
  const headers = new Headers(answered.headers)
  if (kind !== 'page') allowReading(headers, candy.Request, endpoint.door.origin.origins)
  if (candy.Request.method !== 'HEAD') {
    // Nothing is not as long as anything; only HEAD and 304 speak of what they do not send.
    if (!body && status !== 304) headers.delete('content-length')
    return new Response(body, {status, statusText, headers})
  }
  // A stream that nobody will read is told so, or its source would run for ever.
  body?.cancel().catch((error: unknown) => failed(error, 'stream failed'))
  return new Response(null, {status, statusText, headers})
}

/** A handler that throws has not logged anybody in: only what it returns carries cookies. */
async function attempt(
  candy: Candy,
  endpoint: Endpoint,
  exchange: Exchange,
  failed: Failed,
): Promise<Response> {
  try {
    const answered = await run(candy, endpoint, exchange, failed)
    return personal(answered, candy.visit, await candy.visit.cookies())
  } catch (error) {
    return personal(answerTo(error, failed), candy.visit)
  }
}

/** What was thrown: a CandyError speaks to the client, anything else to the log. */
function answerTo(thrown: unknown, failed: Failed): Response {
  let fault = thrown
  try {
    if (thrown instanceof CandyError) return told(thrown)
  } catch (unsayable) {
    fault = unsayable
  }
  failed(fault, 'handler threw')
  return refusalOf(500)
}

/** One condition, one answer, as at the gate of a connection. */
async function run(
  candy: Candy,
  {route, door, room}: Endpoint,
  {incoming, outgoing}: Exchange,
  failed: Failed,
): Promise<Response> {
  // A token says more than an Origin, which a form's browser may hide (`Referrer-Policy: no-referrer` makes it `null`).
  const byOrigin = route.kind !== 'page' && !door.token
  if (byOrigin && isForeign(candy.Request, door.origin.origins)) return refusalOf(403, {reason: notAllowed})
  if (door.auth && !(await candy.Auth.check())) return refusalOf(401)
  if (route.kind === 'post') {
    const fields = await readFields(incoming, room.limits.maxBody)
    if (typeof fields === 'number') return refusalOf(fields)
    candy.Request.receive(fields)
  }
  const fault = door.token && tokenFault(candy)
  if (fault) return refused(fault)
  const early = endedMeanwhile(candy, door)
  if (early) return early
  const broken = (error: unknown) => {
    failed(error, 'answer broke off')
    outgoing.destroy()
  }
  for (const middleware of door.middleware) {
    const said = await middleware(candy)
    // Such as a redirect to the login.
    if (isResponse(said)) return responseOf(said, broken)
    const verdict = verdictOf(candy, said)
    if (verdict) return refused(verdict)
  }
  const late = endedMeanwhile(candy, door)
  if (late) return late
  const result = await room.handler(candy)
  const verdict = verdictOf(candy, undefined)
  return verdict ? refused(verdict) : responseOf(result, broken)
}

/** A body may take minutes to come, and so may a middleware: who has logged out meanwhile is nobody any more. */
function endedMeanwhile({Auth}: Candy, {auth, token}: Door): Response | undefined {
  if (!(auth || token) || !Auth.isRevoked) return undefined
  return auth ? refusalOf(401) : refused(refusal('invalidToken'))
}

/** What is wrong with the token, in the words that a connection is refused with. */
function tokenFault(candy: Candy): Refusal | undefined {
  const {method, data} = candy.Request
  const field = method === 'POST' ? data.post['_token'] : data.get['_token']
  const given = candy.Request.header('x-candy-token') ?? field
  if (given === undefined) return refusal('missingToken')
  return candy.token(given) ? undefined : refusal('invalidToken')
}

/** Whoever asks too often is told so over HTTP, where a handshake says 503. */
function refused(verdict: Refusal): Response {
  return verdict.code === closeCodes.tooMany.code ? refusalOf(429) : refusalOf(verdict.status, verdict)
}

const statusByCode: ReadonlyMap<string, number> = new Map([
  ['UNAUTHORIZED', 401],
  ['FORBIDDEN', 403],
  ['RATE_LIMIT', 429],
])

/** What a handler means the client to know. */
function told({code, message, details}: CandyError): Response {
  return Response.json({code, message, details}, {status: statusByCode.get(code) ?? 400})
}
