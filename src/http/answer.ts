import type {IncomingMessage, ServerResponse} from 'node:http'
import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {CandyError} from '../errors.js'
import {verdictOf, type Guards} from '../handshake/gate.js'
import {isForeign, notAllowed} from '../handshake/origin.js'
import {refusal, type Refusal} from '../handshake/verdict.js'
import {describeError} from '../log.js'
import type {Journal} from '../telemetry/journal.js'
import {readFields} from './body.js'
import type {RoutedRequest} from './router.js'
import {allowReading} from './cors.js'
import type {Endpoint} from './endpoint.js'
import {isResponse, personal, refusalOf, responseOf} from './response.js'

/** A request, and where its answer goes. */
export interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

type Failed = (error: unknown, what: string) => void

/** What is told of a request beside its answer. */
interface Told {
  readonly failed: Failed
  readonly tooLarge: () => void
}

/** Answers an HTTP request whose route was found. Never rejects; an error thrown by user code is one line in the log. */
export async function answer(
  {candy, endpoint}: RoutedRequest,
  exchange: Exchange,
  journal: Journal,
): Promise<Response> {
  const {kind} = endpoint.route
  exchange.outgoing.once('close', () => candy.end())
  const failed: Failed = (error, what) => {
    const line = {route: candy.path, connection: candy.ws.id, ...describeError(error)}
    // Once the client is gone, an error is usually its consequence, such as an aborted fetch: no fault of the app.
    journal.log[candy.ended ? 'debug' : 'error'](line, `the ${kind} ${what}`)
  }
  const tooLarge = () => journal.exceeded('maxBody', {route: candy.path})
  const answered = await attempt(candy, endpoint, exchange, {failed, tooLarge})
  const {body, status, statusText} = answered
  const headers = new Headers(answered.headers)
  if (kind !== 'page') allowReading(headers, candy.Request, endpoint.guards.origin.origins)
  if (candy.Request.method !== 'HEAD') {
    // An empty answer must not claim a length; only HEAD and 304 give that of a body which they do not send.
    if (!body && status !== 304) headers.delete('content-length')
    return new Response(body, {status, statusText, headers})
  }
  // HEAD sends no body: the stream is cancelled, or its source would run for ever.
  body?.cancel().catch((error: unknown) => failed(error, 'stream failed'))
  return new Response(null, {status, statusText, headers})
}

/** Runs the handler. If it throws, its answer carries no cookies: a login in it has not happened. */
async function attempt(candy: Candy, endpoint: Endpoint, exchange: Exchange, told: Told): Promise<Response> {
  try {
    const answered = await run(candy, endpoint, exchange, told)
    return personal(answered, candy.visit, await candy.visit.cookies())
  } catch (error) {
    return personal(answerTo(error, told.failed), candy.visit)
  }
}

/** The answer to an error: a CandyError is sent to the client, anything else is logged and answered with a bare 500. */
function answerTo(thrown: unknown, failed: Failed): Response {
  let fault = thrown
  try {
    if (thrown instanceof CandyError) return errorResponse(thrown)
  } catch (unserializable) {
    fault = unserializable
  }
  failed(fault, 'handler threw')
  return refusalOf(500)
}

/** The guards and then the handler: one condition, one answer, as in the gate of a WebSocket. */
async function run(
  candy: Candy,
  {route, guards, handler, limits}: Endpoint,
  {incoming, outgoing}: Exchange,
  {failed, tooLarge}: Told,
): Promise<Response> {
  // Where a token is asked for, it proves more than the Origin, which may be missing from an honest form
  // (`Referrer-Policy: no-referrer` makes it `null`).
  const byOrigin = route.kind !== 'page' && !guards.token
  if (byOrigin && isForeign(candy.Request, guards.origin.origins)) return refusalOf(403, {reason: notAllowed})
  if (guards.auth && !(await candy.Auth.check())) return refusalOf(401)
  if (route.kind === 'post') {
    const fields = await readFields(incoming, limits.maxBody)
    if (fields === 413) tooLarge()
    if (typeof fields === 'number') return refusalOf(fields)
    candy.Request.receive(fields)
  }
  const early = endedMeanwhile(candy, guards)
  if (early) return early
  await candy.visit.endIfUserRevoked()
  const fault = guards.token && tokenFault(candy)
  if (fault) return refused(fault)
  const broken = (error: unknown) => {
    failed(error, 'answer broke off')
    outgoing.destroy()
  }
  for (const middleware of guards.middleware) {
    const said = await middleware(candy)
    // A middleware may answer by itself, for example with a redirect to the login.
    if (isResponse(said)) return responseOf(said, broken)
    const verdict = verdictOf(candy, said)
    if (verdict) return refused(verdict)
  }
  const late = endedMeanwhile(candy, guards)
  if (late) return late
  const result = await handler(candy)
  const verdict = verdictOf(candy, undefined)
  return verdict ? refused(verdict) : responseOf(result, broken)
}

/** A body or a middleware may take minutes. Whoever has logged out meanwhile is refused. */
function endedMeanwhile({Auth}: Candy, {auth, token}: Guards): Response | undefined {
  if (!(auth || token) || !Auth.isRevoked) return undefined
  return auth ? refusalOf(401) : refused(refusal('invalidToken'))
}

/** Why the CSRF token is refused, with the same reasons as at a handshake; `undefined` if it is valid. */
function tokenFault(candy: Candy): Refusal | undefined {
  const {method, data} = candy.Request
  const field = method === 'POST' ? data.post['_token'] : data.get['_token']
  const given = candy.Request.header('x-candy-token') ?? field
  if (given === undefined) return refusal('missingToken')
  return candy.token(given) ? undefined : refusal('invalidToken')
}

/** Over HTTP the rate limit is 429. At a handshake its status is 503, which comes with the close code. */
function refused(verdict: Refusal): Response {
  return verdict.code === closeCodes.tooMany.code ? refusalOf(429) : refusalOf(verdict.status, verdict)
}

const statusByCode: ReadonlyMap<string, number> = new Map([
  ['UNAUTHORIZED', 401],
  ['FORBIDDEN', 403],
  ['RATE_LIMIT', 429],
])

/** A CandyError as JSON. */
function errorResponse({code, message, details}: CandyError): Response {
  return Response.json({code, message, details}, {status: statusByCode.get(code) ?? 400})
}
