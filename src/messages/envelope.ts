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

/** @throws TypeError for what JSON would leave out: a reply without `data` says nothing */
export function replyTo(ref: Ref, data: unknown): object {
  if (typeof data === 'function' || typeof data === 'symbol')
    throw new TypeError(`A handler cannot answer with a ${typeof data}: it has no JSON form`)
  return {type: 'reply', ref, data: data === undefined ? null : data}
}

export function errorTo(ref: Ref | undefined, code: string, message: string, details?: unknown): object {
  return {type: 'error', ref, code, message, details}
}
