import type {Context} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {bound, type Limit} from '../options.js'
import {emptyRecord, parseQuery} from '../handshake/target.js'

export type Fields = Record<string, unknown>

/** The status that refuses a body: 413 too large, 415 of another type, 400 not what it says it is. */
export type BodyRefusal = 400 | 413 | 415

/** What was posted, a form or a JSON object; whatever else refuses the request before anything of it runs. */
export async function readFields(c: Context, limit: Limit): Promise<Fields | BodyRefusal> {
  let tooLarge = false
  const measure = bodyLimit({
    maxSize: bound(limit),
    onError: () => ((tooLarge = true), new Response(null, {status: 413})),
  })
  await measure(c, async () => undefined)
  if (tooLarge) return 413
  const bytes = await c.req.arrayBuffer()
  if (bytes.byteLength === 0) return emptyRecord()
  if ((c.req.header('content-encoding') ?? 'identity') !== 'identity') return 415
  return parse(bytes, c.req.header('content-type') ?? '')
}

/** A body that the host has read already: Express's `express.json()` and its like leave it at `body`. */
export function fieldsReadBefore(incoming: object): Fields | undefined {
  const {body, readableEnded} = incoming as {body?: unknown; readableEnded?: boolean}
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body)
  return readableEnded === true && isObject ? fieldsOf(Object.entries(body)) : undefined
}

async function parse(bytes: ArrayBuffer, type: string): Promise<Fields | BodyRefusal> {
  const [essence = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map(part => part.trim())
  const charset = parameters
    .find(parameter => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '')
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') return 415
  try {
    if (essence === 'application/json') return parseJson(textOf(bytes))
    if (essence === 'application/x-www-form-urlencoded') return parseQuery(textOf(bytes)) ?? 400
    if (essence === 'multipart/form-data') return await parseMultipart(bytes, type)
    return 415
  } catch {
    return 400
  }
}

/** @throws TypeError for what is no UTF-8 */
function textOf(bytes: ArrayBuffer): string {
  return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
}

function parseJson(text: string): Fields | 400 {
  const value: unknown = JSON.parse(text)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? fieldsOf(Object.entries(value)) : 400
}

/** Files come as `File`. */
async function parseMultipart(bytes: ArrayBuffer, type: string): Promise<Fields> {
  const form = await new Response(bytes, {headers: {'Content-Type': type}}).formData()
  return fieldsOf(form.entries())
}

/** The first of repeated names counts, as in a query: a field is never a list for one client and a string for another. */
function fieldsOf(entries: Iterable<[string, unknown]>): Fields {
  const fields: Fields = emptyRecord()
  for (const [name, value] of entries) fields[name] ??= value
  return fields
}
