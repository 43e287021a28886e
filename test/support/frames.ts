import {once} from 'node:events'
import {connect, type Socket} from 'node:net'

export interface RawFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** A client on a bare TCP socket, for what a real WebSocket client is too polite to do. */
export class RawClient {
  readonly socket: Socket
  /** Status line and headers of the answer; '' if the socket ends without one. */
  readonly head: Promise<string>
  /** Resolves when the server's end of the socket is gone. */
  readonly gone: Promise<void>
  readonly frames: RawFrame[] = []
  #received = Buffer.alloc(0)
  #headDone = false
  #ended = false
  #tellHead!: (head: string) => void
  readonly #waiting: (() => void)[] = []

  constructor(port: number) {
    // Half-open allowed: nothing is answered to the server's FIN unless the test says so.
    this.socket = connect({port, host: '127.0.0.1', allowHalfOpen: true})
    this.head = new Promise(resolve => (this.#tellHead = resolve))
    this.gone = new Promise(resolve => {
      this.socket.once('end', resolve)
      this.socket.once('close', () => resolve())
    })
    void this.gone.then(() => {
      this.#ended = true
      this.#tellHead('')
      for (const tell of this.#waiting.splice(0)) tell()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('data', chunk => this.#receive(chunk))
  }

  /** Writes the handshake, and in the very same packet whatever frames are given. */
  open(
    path: string,
    {headers = {}, frames = []}: {headers?: Record<string, string>; frames?: Buffer[]} = {},
  ) {
    const lines = Object.entries({
      Host: 'localhost',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(
      Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), ...frames]),
    )
    return this
  }

  write(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** The next frame from the server. */
  async next(): Promise<RawFrame> {
    while (this.frames.length === 0) {
      if (this.#ended) throw new Error('the socket ended before a frame came')
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    return this.frames.shift()!
  }

  /** Ends its own direction only. */
  fin(): void {
    this.socket.end()
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    if (!this.#headDone) {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#headDone = true
      this.#tellHead(this.#received.subarray(0, end).toString())
      this.#received = this.#received.subarray(end + 4)
    }
    for (let frame = this.#take(); frame; frame = this.#take()) {
      this.frames.push(frame)
      for (const tell of this.#waiting.splice(0)) tell()
    }
  }

  #take(): RawFrame | undefined {
    const bytes = this.#received
    if (bytes.length < 2) return undefined
    const short = bytes[1]! & 0x7f
    const start = short === 126 ? 4 : 2
    const length = short === 126 ? bytes.readUInt16BE(2) : short
    if (bytes.length < start + length) return undefined
    this.#received = bytes.subarray(start + length)
    return {opcode: bytes[0]! & 0x0f, payload: bytes.subarray(start, start + length)}
  }
}

export async function rawClient(url: string): Promise<RawClient> {
  const client = new RawClient(Number(new URL(url).port))
  await once(client.socket, 'connect')
  return client
}

/** What a frame is made of (RFC 6455, section 5.2). */
export interface FrameParts {
  /** Default: a whole message. */
  readonly fin?: boolean
  /** Of 0x70. */
  readonly rsv?: number
  /** Default: text for a string, else binary. */
  readonly opcode?: number
  readonly payload?: string | Buffer
  /** By default zeros, so that the payload reads as it is; `false`: as only a server may send it. */
  readonly mask?: Buffer | false
  /** What the head says; by default the length that there is. */
  readonly length?: bigint
  /** Bits that the length is written in; by default as few as will do. */
  readonly lengthBits?: 7 | 16 | 64
}

/** A frame of any parts, be they allowed or not. */
export function craft({
  fin = true,
  rsv = 0,
  payload = Buffer.alloc(0),
  opcode = typeof payload === 'string' ? 1 : 2,
  mask = Buffer.alloc(4),
  ...lengths
}: FrameParts): Buffer {
  const body = Buffer.from(payload as string)
  const length = lengths.length ?? BigInt(body.length)
  const bits = lengths.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64)
  const head = Buffer.alloc({7: 2, 16: 4, 64: 10}[bits])
  head[0] = (fin ? 0x80 : 0) | rsv | opcode
  head[1] = (mask ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127)
  if (bits === 16) head.writeUInt16BE(Number(length), 2)
  if (bits === 64) head.writeBigUInt64BE(length, 2)
  if (!mask) return Buffer.concat([head, body])
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ mask[at % 4]!)])
}

/** One masked client frame; the mask is zero, so the payload reads as it is. */
export function frame(payload: string | Buffer, opcode = typeof payload === 'string' ? 1 : 2): Buffer {
  return craft({payload, opcode})
}

export function closeFrame(code: number, reason = ''): Buffer {
  const body = Buffer.alloc(2 + Buffer.byteLength(reason))
  body.writeUInt16BE(code)
  body.write(reason, 2)
  return frame(body, 8)
}
