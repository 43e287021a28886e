import {connect, type Socket} from 'node:net'

export interface Head {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
}

export interface CloseFrame {
  readonly code: number
  readonly reason: string
}

export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

export const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** Header lines of a handshake; `undefined` takes one away. */
export type HeaderLines = Readonly<Record<string, string | undefined>>

/** A handshake as bytes, well-formed unless told otherwise. */
export function handshake(target: string, headers: HeaderLines = {}, method = 'GET', version = 'HTTP/1.1') {
  const lines = Object.entries({
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...headers,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${target} ${version}\r\n${lines.join('')}\r\n`, 'latin1')
}

/** A client that says exactly the bytes it is told to, and ends only when told to. */
export class Raw {
  readonly socket: Socket
  /** Resolves when the socket is gone, however it went. */
  readonly closed: Promise<void>
  #received = Buffer.alloc(0)
  #gone = false
  #changed: () => void = () => undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', data => {
      this.#received = Buffer.concat([this.#received, data])
      this.#changed()
    })
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        this.#gone = true
        this.#changed()
        resolve()
      })
    })
    // Half-open sockets tell the peer's end here only.
    socket.once('end', () => {
      this.#gone = true
      this.#changed()
    })
  }

  get received(): Buffer {
    return this.#received
  }

  write(bytes: Buffer | string): this {
    this.socket.write(bytes)
    return this
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** The answer's head. Rejects if the peer ends without one. */
  async head(): Promise<Head> {
    const text = await this.until(() => {
      const end = this.#received.indexOf('\r\n\r\n')
      return end < 0 ? undefined : this.#received.toString('latin1', 0, end)
    })
    const [first = '', ...lines] = text.split('\r\n')
    const headers = lines.map(line => {
      const [name = '', ...rest] = line.split(': ')
      return [name.toLowerCase(), rest.join(': ')] as const
    })
    return {status: Number(first.split(' ')[1]), headers: new Map(headers)}
  }

  /** The close frame that follows the answer's head. Rejects if the peer ends without one. */
  closeFrame(): Promise<CloseFrame> {
    return this.until(() => closeIn(this.frames))
  }

  /** The whole frames that have followed the answer's head. */
  get frames(): readonly ServerFrame[] {
    const start = this.#received.indexOf('\r\n\r\n')
    return start < 0 ? [] : framesIn(this.#received.subarray(start + 4))
  }

  /** What `read` finds in what has come, as soon as it does. Rejects if the peer ends before. */
  async until<T>(read: () => T | undefined): Promise<T> {
    for (;;) {
      const found = read()
      if (found !== undefined) return found
      if (this.#gone)
        throw new Error(`the peer ended after ${JSON.stringify(this.#received.toString('latin1'))}`)
      await new Promise<void>(resolve => (this.#changed = resolve))
    }
  }
}

/** Server frames are not masked (RFC 6455, section 5). */
function framesIn(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = []
  for (let at = 0; bytes.length >= at + 2;) {
    const short = bytes[at + 1]! & 0x7f
    const body = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
    if (bytes.length < body) break
    const length =
      short === 127
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : short
    if (bytes.length < body + length) break
    frames.push({opcode: bytes[at]! & 0x0f, payload: bytes.subarray(body, body + length)})
    at = body + length
  }
  return frames
}

function closeIn(frames: readonly ServerFrame[]): CloseFrame | undefined {
  const close = frames.find(({opcode}) => opcode === 8)
  if (!close) return undefined
  const {payload} = close
  return payload.length < 2
    ? {code: 1005, reason: ''}
    : {code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2)}
}

/** Connects. `halfOpen` never answers the server's FIN with its own. */
export function raw(port: number, {halfOpen = false} = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect({port, host: '127.0.0.1', allowHalfOpen: halfOpen})
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new Raw(socket))
    })
  })
}

/** What one request is answered with; the connection is dropped then. */
export async function ask(port: number, request: Buffer | string): Promise<Head & {close?: CloseFrame}> {
  const client = await raw(port)
  try {
    const head = await client.write(request).head()
    return head.status === 101 ? {...head, close: await client.closeFrame()} : head
  } finally {
    client.socket.destroy()
  }
}

/** A text frame as a client sends it, masked with zeros (RFC 6455, section 5.2). At most 64 KiB. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const short = payload.length < 126
  const head = Buffer.alloc(short ? 6 : 8)
  head[0] = 0x81
  head[1] = 0x80 | (short ? payload.length : 126)
  if (!short) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}
