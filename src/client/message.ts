import type {Data} from './channel.js'

/**
 * What goes out: text and bytes as they are, else JSON text.
 *
 * @throws TypeError for what has no JSON form
 */
export function encode(message: unknown): Data {
  if (isData(message)) return message
  const text = typeof message === 'bigint' ? undefined : JSON.stringify(message)
  if (text !== undefined) return text
  throw new TypeError(`A ${typeof message} cannot be sent: it has no JSON form`)
}

function isData(message: unknown): message is Data {
  return (
    typeof message === 'string' ||
    message instanceof ArrayBuffer ||
    ArrayBuffer.isView(message) ||
    message instanceof Blob
  )
}

/** What came: JSON parsed if it is JSON, else the string; bytes as they are. */
export function decode(data: string | ArrayBuffer): unknown {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
