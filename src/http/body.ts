import type {IncomingMessage} from 'node:http'
import {bound, type Limit} from '../limits.js'
import {emptyRecord, parseQuery} from '../handshake/target.js'

export type Fields = Record<string, unknown>

/** The status that refuses a body: 413 too large, 415 a type we do not read, 400 not valid for its type. */
export type BodyRefusal = 400 | 413 | 415

/** A request that another server may have read already: body parsers, such as Express's, leave their result in `body`. */
type Incoming = IncomingMessage & {readonly body?: unknown}

/**
 * Reads the fields of a posted form or JSON object. Anything else is refused, before middleware and handler run.
 *
 * @throws TypeError if the host has read the body and kept it
 */
export async function readFields(incoming: Incoming, limit: Limit): Promise<Fields | BodyRefusal> {
  const {body, headers} = incoming
  const type = headers['content-type'] ?? ''
  if (wasRead(incoming)) {
    if (typeof body === 'string' || body instanceof Uint8Array) return parse(Buffer.from(body), type)
    return objectFields(body)
  }
  const bytes = await readBytes(incoming, bound(limit))
  if (typeof bytes === 'number') return bytes
  if (bytes.length === 0) return emptyRecord()
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return 415
  return parse(bytes, type)
}

function wasRead({readableEnded, readableDidRead, complete, body}: Incoming): boolean {
  if (!readableDidRead && !readableEnded) return false
  if (body === undefined || !complete)
    throw new TypeError('The body was read before Candy, and is not at `request.body`: put app.http() first')
  return true
}

/**
 * Copies the packets into one growing buffer. Keeping them in a list would let a client that sends a few bytes per packet
 * use many times the limit in memory.
 */
async function readBytes(incoming: IncomingMessage, limit: number): Promise<Buffer | 400 | 413> {
  if (Number(incoming.headers['content-length'] ?? 0) > limit) return 413
  let bytes = Buffer.alloc(0)
  let size = 0
  try {
    for await (const chunk of incoming.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
      const start = size
      size += chunk.length
      if (size > limit) return 413
      if (size > bytes.length) {
        const grown = Buffer.alloc(Math.min(limit, Math.max(size, 2 * bytes.length)))
        bytes.copy(grown, 0, 0, start)
        bytes = grown
      }
      chunk.copy(bytes, start)
    }
  } catch {
    // The client has gone and will not see the answer. It is no fault of ours, so nothing is logged.
    return 400
  }
  return bytes.subarray(0, size)
}

async function parse(bytes: Buffer, type: string): Promise<Fields | BodyRefusal> {
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
    if (essence === 'application/json') return objectFields(JSON.parse(textOf(bytes)))
    if (essence === 'application/x-www-form-urlencoded') return parseQuery(textOf(bytes)) ?? 400
    if (essence === 'multipart/form-data') return await parseMultipart(bytes, type)
    return 415
  } catch {
    return 400
  }
}

/** @throws TypeError if the bytes are not valid UTF-8 */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
}

function objectFields(value: unknown): Fields | 400 {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? fieldsOf(Object.entries(value)) : 400
}

/** Files come as `File`. */
async function parseMultipart(bytes: Uint8Array, type: string): Promise<Fields> {
  const form = await new Response(bytes, {headers: {'Content-Type': type}}).formData()
  return fieldsOf(form.entries())
}

/** The first of repeated names counts, as in a query, so that a client cannot turn a string into a list. */
function fieldsOf(entries: Iterable<[string, unknown]>): Fields {
  const fields: Fields = emptyRecord()
  for (const [name, value] of entries) fields[name] ??= value
  return fields
}
