import {STATUS_CODES} from 'node:http'
import type {Candy} from '../candy.js'

/**
 * What a handler returned, as an answer: a string is HTML, a Buffer bytes, `undefined` is nothing (204), a `Response`
 * itself; anything else is JSON.
 *
 * @throws TypeError for what has no JSON form
 */
export function responseOf(result: unknown): Response {
  if (result instanceof Response) return result
  if (result === undefined) return new Response(null, {status: 204})
  if (typeof result === 'string')
    return new Response(result, {headers: {'Content-Type': 'text/html; charset=utf-8'}})
  if (result instanceof Uint8Array)
    return new Response(Buffer.from(result), {headers: {'Content-Type': 'application/octet-stream'}})
  const text = JSON.stringify(result) as string | undefined
  if (text === undefined)
    throw new TypeError(`An HTTP handler returned a ${typeof result}: return HTML, data or a Response`)
  return new Response(text, {headers: {'Content-Type': 'application/json; charset=utf-8'}})
}

/** A refusal in the words of its status. */
export function refusalOf(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${STATUS_CODES[status] ?? 'Refused'}\n`, {
    status,
    headers: {'Content-Type': 'text/plain; charset=utf-8', ...headers},
  })
}

/** The answer with what session and user ask of it: their cookies, and that no cache keeps it for somebody else. */
export async function personal(answer: Response, candy: Candy): Promise<Response> {
  const cookies = await candy.visit.cookies()
  if (cookies.length === 0 && !candy.visit.isPersonal) return answer
  // Those of a redirect, or of a fetched answer, are immutable.
  const headers = new Headers(answer.headers)
  for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  return withHeaders(answer, headers)
}

export function withHeaders({body, status, statusText}: Response, headers: Headers): Response {
  return new Response(body, {status, statusText, headers})
}
