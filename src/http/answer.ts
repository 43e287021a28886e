import type {Context} from 'hono'
import type {Candy} from '../candy.js'
import {closeCodes} from '../codes.js'
import {CandyError} from '../errors.js'
import {logThrown} from '../handshake/accept.js'
import {verdictOf} from '../handshake/gate.js'
import type {Verdict} from '../handshake/verdict.js'
import type {Logger} from '../log.js'
import {fieldsReadBefore, readFields} from './body.js'
import type {Caller} from './callers.js'
import {allowReading, isForeign} from './cors.js'
import type {Endpoint} from './endpoint.js'
import {personal, refusalOf, responseOf, withHeaders} from './response.js'

/** The way of one HTTP request, once its route is found. Never rejects; what user code throws is one line in the log. */
export async function answer({candy, endpoint}: Caller, c: Context, log: Logger): Promise<Response> {
  const answered = await attempt(candy, endpoint, c, log)
  if (endpoint.route.kind === 'page' || candy.Request.header('origin') === undefined) return answered
  const headers = new Headers(answered.headers)
  allowReading(headers, candy.Request, endpoint.door.origin.origins)
  return withHeaders(answered, headers)
}

/** A handler that throws has not logged anybody in: only what it returns carries cookies. */
async function attempt(candy: Candy, endpoint: Endpoint, c: Context, log: Logger): Promise<Response> {
  try {
    return await personal(await run(candy, endpoint, c), candy)
  } catch (error) {
    if (error instanceof CandyError) return told(error)
    logThrown(candy, error, `the ${endpoint.route.kind} handler threw`, log)
    return refusalOf(500)
  }
}

/** One condition, one answer, as at the gate of a connection. */
async function run(candy: Candy, {route, door, room}: Endpoint, c: Context): Promise<Response> {
  // A token says more than an Origin, which a form's browser may hide (`Referrer-Policy: no-referrer` makes it `null`).
  const byOrigin = route.kind !== 'page' && !door.token
  if (byOrigin && isForeign(candy.Request, door.origin.origins)) return refusalOf(403)
  if (door.auth && !(await candy.Auth.check())) return refusalOf(401)
  if (route.kind === 'post') {
    const fields = fieldsReadBefore(c.env.incoming) ?? (await readFields(c, room.limits.maxBody))
    if (typeof fields === 'number') return refusalOf(fields)
    candy.Request.receive(fields)
  }
  if (door.token && !carriesToken(candy)) return refusalOf(403)
  for (const middleware of door.middleware) {
    const said = await middleware(candy)
    // Such as a redirect to the login.
    if (said instanceof Response) return said
    const verdict = verdictOf(candy, said)
    if (verdict) return refusalOf(statusOf(verdict))
  }
  const result = await room.handler(candy)
  const verdict = verdictOf(candy, undefined)
  return verdict ? refusalOf(statusOf(verdict)) : responseOf(result)
}

function carriesToken(candy: Candy): boolean {
  const {method, data} = candy.Request
  const field = method === 'POST' ? data.post['_token'] : data.get['_token']
  return candy.token(candy.Request.header('x-candy-token') ?? field)
}

function statusOf(verdict: Verdict): number {
  if (verdict.kind === 'accept') return 200
  return verdict.kind === 'close' && verdict.code === closeCodes.tooMany.code ? 429 : verdict.status
}

const statusByCode: Readonly<Record<string, number>> = {UNAUTHORIZED: 401, FORBIDDEN: 403, RATE_LIMIT: 429}

/** What a handler means the client to know. */
function told({code, message, details}: CandyError): Response {
  return Response.json({code, message, details}, {status: statusByCode[code] ?? 400})
}
