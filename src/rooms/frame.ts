import {Buffer} from 'node:buffer'
import {firstByte, headerSize, writeHeader} from './header.js'
import {deflate} from './deflate.js'

/** What becomes of one message while its client reads slowly. */
export interface SendOptions {
  /** It may be dropped: it is once a quarter of `limits.maxBuffered` waits before it, and never is what ends the connection. */
  readonly volatile?: boolean
  /**
   * It takes the place of what still waits under the same key, and goes to the end. One that is also volatile is dropped only
   * where it does not fit: then the older one stays.
   */
  readonly latest?: string
}

/** Makes a frame of what is sent. */
export type Encode = (data: unknown) => Frame

/**
 * One message, text or bytes: decided once, framed once and compressed once, however many connections it is for
 * (RFC 6455, section 5.2). Always whole, never masked: only clients mask.
 */
export class Frame {
  readonly data: string | Buffer
  readonly binary: boolean
  /** Bytes on the wire, header and all. */
  readonly size: number
  readonly #payload: string | Buffer
  readonly #length: number
  #wire: Buffer | undefined
  #deflated: Frame | Promise<Frame> | undefined

  /** @param deflated the payload compressed, if this is the compressed form of the message */
  constructor(data: string | Buffer, binary: boolean, deflated?: Buffer) {
    this.data = data
    this.binary = binary
    this.#payload = deflated ?? data
    this.#length = Buffer.byteLength(this.#payload)
    this.size = headerSize(this.#length) + this.#length
    this.#deflated = deflated && this
  }

  /** The frame as it goes on the wire, made once. */
  get wire(): Buffer {
    if (!this.#wire) {
      this.#wire = Buffer.allocUnsafe(this.size)
      this.#fill(this.#wire, 0)
    }
    return this.#wire
  }

  /** Puts it among others. */
  writeTo(target: Buffer, offset: number): void {
    if (this.#wire) target.set(this.#wire, offset)
    else this.#fill(target, offset)
  }

  /**
   * The same message compressed by itself, for whoever has agreed to that (RFC 7692, `server_no_context_takeover`): made once.
   *
   * @returns itself if it is short or gets no shorter; a promise for a long one, until it is there
   */
  get deflated(): Frame | Promise<Frame> {
    if (this.#deflated) return this.#deflated
    const deflated = deflate(this.#payload, this.#length)
    if (!(deflated instanceof Promise)) return (this.#deflated = this.#as(deflated))
    return (this.#deflated = deflated.then(bytes => (this.#deflated = this.#as(bytes))))
  }

  #as(deflated: Buffer | undefined): Frame {
    return deflated ? new Frame(this.data, this.binary, deflated) : this
  }

  #fill(target: Buffer, offset: number): void {
    const isDeflated = this.#payload !== this.data
    const at = writeHeader(target, offset, firstByte(this.binary, isDeflated), this.#length)
    if (typeof this.#payload !== 'string') target.set(this.#payload, at)
    // As many bytes as characters means ASCII, which is copied and not encoded.
    else target.write(this.#payload, at, this.#length === this.#payload.length ? 'latin1' : 'utf8')
  }
}

/** @throws RangeError for a message that is longer than what may wait for a connection */
export function fitting(frame: Frame, maxBuffered: number): Frame {
  const {size} = frame
  if (size <= maxBuffered) return frame
  throw new RangeError(
    `A message of ${size} bytes is longer than limits.maxBuffered, ${maxBuffered}: send it in parts, or raise the limit`,
  )
}

/** A text message, JSON or not. */
export function textFrame(text: string): Frame {
  return new Frame(text, false)
}

/**
 * Objects, numbers, booleans and `null` become JSON text, strings stay text, bytes become a binary frame.
 *
 * @throws TypeError for what has no JSON form: undefined, function, symbol, BigInt, a cycle
 */
export function encode(data: unknown): Frame {
  if (typeof data === 'string') return textFrame(data)
  const bytes = asBytes(data)
  if (bytes) return bytesFrame(bytes)
  const json = JSON.stringify(data) as string | undefined
  if (json === undefined)
    throw new TypeError(`Candy cannot send ${data === null ? 'null' : typeof data}: it has no JSON form`)
  return textFrame(json)
}

/** @throws TypeError if it is not bytes */
export function encodeBinary(data: unknown): Frame {
  const bytes = asBytes(data)
  if (!bytes) throw new TypeError('sendBinary() takes a Buffer, a TypedArray, a DataView or an ArrayBuffer')
  return bytesFrame(bytes)
}

/** A copy: the frame leaves later, and who sent it may write the next one into the same memory. */
function bytesFrame(bytes: Uint8Array): Frame {
  return new Frame(Buffer.from(bytes), true)
}

/** The same memory, not a copy. */
function asBytes(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data)
  return undefined
}
