import {jsonNumber, jsonOf, jsonText} from './json-words.js'
import type {Serialise} from './serialiser.js'

/** A `ref` asks for an answer: a finite number, or a string of at most 64 characters. */
export type Ref = number | string

export interface Message {
  /** What listeners hear: JSON parsed if it is JSON, else the string; bytes as a Buffer. */
  readonly value: unknown
  readonly form: 'json' | 'text' | 'binary'
  /** The `type` of a JSON object that has one. */
  readonly type: string | undefined
  readonly ref: Ref | undefined
  /** Whether there is a `ref` that is none. */
  readonly badRef: boolean
}

const maxRefLength = 64

/** Reads one frame's worth. Never throws. */
export function readMessage(data: Buffer, binary: boolean): Message {
  if (binary) return untyped(data, 'binary')
  const text = data.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return untyped(text, 'text')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return untyped(value, 'json')
  const {type, ref} = value as {type?: unknown; ref?: unknown}
  const isSound = isRef(ref)
  return {
    value,
    form: 'json',
    type: typeof type === 'string' ? type : undefined,
    ref: isSound ? ref : undefined,
    badRef: !isSound && ref !== undefined,
  }
}

function untyped(value: unknown, form: Message['form']): Message {
  return {value, form, type: undefined, ref: undefined, badRef: false}
}

function isRef(ref: unknown): ref is Ref {
  return typeof ref === 'string' ? ref.length <= maxRefLength : Number.isFinite(ref)
}

/** Types that begin so are Candy's own. */
export const reservedPrefix = 'candy.'

/**
 * The text of a reply: what JSON makes of `{type, ref, data}`, without the object.
 *
 * @param serialise knows what the data mostly is
 * @throws TypeError for what JSON would leave out: a reply without `data` says nothing
 */
export function replyText(ref: Ref, data: unknown, serialise?: Serialise): string {
  if (typeof data === 'function' || typeof data === 'symbol')
    throw new TypeError(`A handler cannot answer with a ${typeof data}: it has no JSON form`)
  const json = serialise?.(data) ?? jsonOf('data', data === undefined ? null : data)
  const head = `{"type":"reply","ref":${typeof ref === 'number' ? jsonNumber(ref) : jsonText(ref)}`
  return json === undefined ? `${head}}` : `${head},"data":${json}}`
}

export function errorTo(ref: Ref | undefined, code: string, message: string, details?: unknown): object {
  return {type: 'error', ref, code, message, details}
}
