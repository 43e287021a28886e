import {STATUS_CODES, validateHeaderValue} from 'node:http'
import type {ReadableStream as ByteStream} from 'node:stream/web'
import type {Visit} from '../identity/visit.js'

/**
 * Turns what a handler returned into a response: a string is HTML, bytes are sent as they are, `undefined` is 204, a
 * `Response` is sent itself, and anything else is JSON.
 *
 * @param broken called with the error if a stream fails after its head was sent
 * @throws TypeError for a value without a JSON form, and for a `Response` that cannot be sent
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

/** Compares the tag and not the class: some libraries replace the global `Response` by their own. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]'
}

/** Headers of a fetched `Response` that are wrong when we send it on: fetch has decoded its body already. */
const transportHeaders = [
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]

function sendable(response: Response, broken: (error: unknown) => void): Response {
  if (response.status < 200) throw new TypeError('An HTTP handler returned Response.error()')
  if (response.bodyUsed || response.body?.locked)
    throw new TypeError('An HTTP handler returned a Response that was used before: make one for each request')
  const headers = new Headers(response.headers)
  if (response.type !== 'default') for (const name of transportHeaders) headers.delete(name)
  // Together with Content-Length it would let two parsers see two different answers (RFC 9112, section 6.3).
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
/**
 * Passes a stream on, and calls `broken` when it fails. The error itself goes no further: Hono's server would print it and
 * send its message to the client. A stream that is longer or shorter than its `Content-Length` fails too: the client would
 * take the rest for the next answer on the connection, or wait for bytes of it.
 *
 * @param length what `Content-Length` says, if anything
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
    if (!holds)
      throw new TypeError(
        `The body of an answer does not have the ${length} bytes that its Content-Length says`,
      )
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

/** A refusal as plain text: its reason if there is one, else the name of the status. */
export function refusalOf(
  status: number,
  {reason = '', headers = {}}: {reason?: string; headers?: Readonly<Record<string, string>>} = {},
): Response {
  return new Response(`${reason || (STATUS_CODES[status] ?? 'Refused')}\n`, {
    status,
    headers: {'Content-Type': 'text/plain; charset=utf-8', ...headers},
  })
}

/** Adds the cookies, and `Cache-Control: no-store` if the answer depends on who asked. A handler may say otherwise. */
export function personal(answer: Response, visit: Visit, cookies: readonly string[] = []): Response {
  if (cookies.length === 0 && !visit.isPersonal) return answer
  const headers = new Headers(answer.headers)
  for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  const said = headers.get('Cache-Control')
  // With cookies, a handler cannot allow shared caches: they would hand the cookies to other people.
  const isShared = cookies.length > 0 && !/\b(?:private|no-store)\b/i.test(said ?? '')
  if (said === null || isShared) headers.set('Cache-Control', 'no-store')
  const {body, status, statusText} = answer
  return new Response(body, {status, statusText, headers})
}
