import {STATUS_CODES, validateHeaderValue} from 'node:http'
import type {ReadableStream as ByteStream} from 'node:stream/web'
import type {Visit} from '../identity/visit.js'

/**
 * What a handler returned, as an answer: a string is HTML, bytes are bytes, `undefined` is nothing (204), a `Response`
 * itself; anything else is JSON.
 *
 * @param broken told why a stream failed that is on its way already
 * @throws TypeError for what has no JSON form, and for a `Response` that cannot be sent
 */
export function responseOf(result: unknown, broken: (error: unknown) => void): Response {
  if (isResponse(result)) return sendable(result, broken)
  if (result === undefined) return new Response(null, {status: 204})
  if (typeof result === 'string')
    return new Response(result, {headers: {'Content-Type': 'text/html; charset=utf-8'}})
  if (result instanceof ArrayBuffer || ArrayBuffer.isView(result))
    return new Response(result as ArrayBuffer, {headers: {'Content-Type': 'application/octet-stream'}})
  const text = JSON.stringify(result) as string | undefined
  if (text === undefined)
    throw new TypeError(`An HTTP handler returned a ${typeof result}: return HTML, data or a Response`)
  return new Response(text, {headers: {'Content-Type': 'application/json; charset=utf-8'}})
}

/** By its tag: a library may have put a class of its own in the place of the global one. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]'
}

/** How an answer came to us says nothing of how it leaves: fetch has undone its encoding. */
const ofTheWayHere = ['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding']

function sendable(response: Response, broken: (error: unknown) => void): Response {
  if (response.status < 200) throw new TypeError('An HTTP handler returned Response.error()')
  if (response.bodyUsed || response.body?.locked)
    throw new TypeError('An HTTP handler returned a Response that was used before: make one for each request')
  const headers = new Headers(response.headers)
  if (response.type !== 'default') for (const name of ofTheWayHere) headers.delete(name)
  // Beside a length it would let two parsers read two answers.
  headers.delete('transfer-encoding')
  for (const [name, value] of headers) validateHeaderValue(name, value)
  const said = headers.get('content-length')
  const body = response.body && watched(response.body, broken, said === null ? undefined : Number(said))
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  })
}

/**
 * A stream that fails ends here without a word: its head has gone out, and why is not for the client. So does one that is
 * longer or shorter than was said: the rest would be read as the next answer, or the next answer as the rest.
 */
export function watched(
  body: ByteStream,
  broken: (error: unknown) => void,
  length?: number,
): ByteStream<Uint8Array> {
  const reader = body.getReader()
  let unread = false
  let sent = 0
  const checkLength = (holds: boolean) => {
    if (!holds) throw new TypeError(`An answer is not as long as its Content-Length says: ${length}`)
  }
  return new ReadableStream(
    {
      pull: async controller => {
        try {
          const {done, value} = (await reader.read()) as {done: boolean; value: unknown}
          if (unread) return
          if (done) {
            checkLength(length === undefined || sent === length)
            return controller.close()
          }
          if (!(value instanceof Uint8Array)) throw new TypeError('A streamed answer is made of bytes')
          sent += value.length
          checkLength(length === undefined || sent <= length)
          controller.enqueue(value)
        } catch (error) {
          if (!unread) broken(error)
        }
      },
      cancel: reason => {
        unread = true
        return reader.cancel(reason)
      },
    },
    {highWaterMark: 0},
  )
}

/** A refusal, in the words of its status if there are no better ones. */
export function refusalOf(
  status: number,
  {reason = '', headers = {}}: {reason?: string; headers?: Readonly<Record<string, string>>} = {},
): Response {
  return new Response(`${reason || (STATUS_CODES[status] ?? 'Refused')}\n`, {
    status,
    headers: {'Content-Type': 'text/plain; charset=utf-8', ...headers},
  })
}

/** The answer with its cookies, and kept by no cache for somebody else if it depends on who asked. */
export function personal(answer: Response, visit: Visit, cookies: readonly string[] = []): Response {
  if (cookies.length === 0 && !visit.isPersonal) return answer
  const headers = new Headers(answer.headers)
  for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  const said = headers.get('Cache-Control')
  // What sets cookies must not be kept for others, whatever the handler says: a shared cache would give them away.
  const isShared = cookies.length > 0 && !/\b(?:private|no-store)\b/i.test(said ?? '')
  if (said === null || isShared) headers.set('Cache-Control', 'no-store')
  const {body, status, statusText} = answer
  return new Response(body, {status, statusText, headers})
}
