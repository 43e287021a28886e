/** What goes on the wire: text or bytes, decided once however many connections it is for. */
export interface Frame {
  readonly data: string | Buffer
  readonly binary: boolean
}

/** Delivery wishes of one message. Accepted now; they take effect with outbound limits. */
export interface SendOptions {
  /** May be dropped when the client reads too slowly. */
  readonly volatile?: boolean
  /** Replaces what is queued under the same key. */
  readonly latest?: string
}

/** Makes a frame of what is sent. */
export type Encode = (data: unknown) => Frame

/**
 * Objects, numbers, booleans and `null` become JSON text, strings stay text, bytes become a binary frame.
 *
 * @throws TypeError for what has no JSON form: undefined, function, symbol, BigInt, a cycle
 */
export function encode(data: unknown): Frame {
  if (typeof data === 'string') return {data, binary: false}
  const bytes = asBytes(data)
  if (bytes) return {data: bytes, binary: true}
  const json = JSON.stringify(data) as string | undefined
  if (json === undefined)
    throw new TypeError(`Candy cannot send ${data === null ? 'null' : typeof data}: it has no JSON form`)
  return {data: json, binary: false}
}

/** @throws TypeError if it is not bytes */
export function encodeBinary(data: unknown): Frame {
  const bytes = asBytes(data)
  if (!bytes) throw new TypeError('sendBinary() takes a Buffer, a TypedArray, a DataView or an ArrayBuffer')
  return {data: bytes, binary: true}
}

/** The same memory, not a copy. */
function asBytes(data: unknown): Buffer | undefined {
  if (Buffer.isBuffer(data)) return data
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data)
  return undefined
}
