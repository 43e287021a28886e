import type {Ending} from './close-words.js'
import {parsed} from './frame.js'
import {fetchToken} from './token.js'

export type SocketState = 'closed' | 'connecting' | 'open' | 'closing'

/** What comes back for a message that carries a `ref`. */
export type Answer =
  | {readonly is: 'reply'; readonly data: unknown; readonly ms: number}
  | {readonly is: 'error'; readonly error: ErrorFrame; readonly ms: number}
  /** The connection has closed before. */
  | {readonly is: 'closed'}

/** An error frame, as far as it is what it should be. */
export interface ErrorFrame {
  readonly code: string
  readonly message: string
  readonly details: unknown
}

export interface SocketEvents {
  readonly state: (state: SocketState) => void
  /** It is open to this address, and speaks this subprotocol. */
  readonly opened: (url: string, protocol: string) => void
  readonly heard: (data: string | Uint8Array) => void
  readonly sent: (data: string | Uint8Array) => void
  readonly ended: (ending: Ending) => void
  /** It could not even begin, and why. */
  readonly failed: (why: string) => void
}

interface Waiting {
  readonly since: number
  readonly answered: (answer: Answer) => void
}

/** A WebSocket to a route, opened and closed by hand: one that came back by itself would hide why it was closed. */
export class Socket {
  readonly #on: SocketEvents
  readonly #waiting = new Map<unknown, Waiting>()
  #socket: WebSocket | undefined
  #state: SocketState = 'closed'
  /** Goes up with every connect and disconnect: who waits for a token sees that it came too late. */
  #attempt = 0

  constructor(on: SocketEvents) {
    this.#on = on
  }

  get state(): SocketState {
    return this.#state
  }

  async connect(url: URL, withToken: boolean): Promise<void> {
    if (this.#state !== 'closed') return
    const attempt = ++this.#attempt
    this.#become('connecting')
    try {
      // Offered always: a browser that offers nothing is not told why it was refused.
      const protocols = ['candy.v1']
      if (withToken) protocols.push(`candy-token-${await fetchToken()}`)
      if (attempt === this.#attempt) this.#open(url, protocols)
    } catch (error) {
      if (attempt !== this.#attempt) return
      this.#become('closed')
      this.#on.failed((error as Error).message)
    }
  }

  disconnect(): void {
    this.#attempt += 1
    if (!this.#socket) return this.#become('closed')
    this.#become('closing')
    this.#socket.close(1000)
  }

  /** @returns whether it was open, and the data is on its way */
  send(data: string | Uint8Array<ArrayBuffer>, answered?: (answer: Answer) => void): boolean {
    if (!this.#socket || this.#state !== 'open') return false
    const ref = typeof data === 'string' && answered ? parsed(data)?.ref : undefined
    if (ref !== undefined) this.#waiting.set(ref, {since: performance.now(), answered: answered!})
    this.#socket.send(data)
    this.#on.sent(data)
    return true
  }

  #open(url: URL, protocols: string[]): void {
    const to = new URL(url)
    to.protocol = to.protocol.replace('http', 'ws')
    const socket = new WebSocket(to, protocols)
    socket.binaryType = 'arraybuffer'
    let opened = false
    socket.addEventListener('open', () => {
      opened = true
      if (this.#state === 'connecting') this.#become('open')
      this.#on.opened(socket.url, socket.protocol)
    })
    socket.addEventListener('message', ({data}: MessageEvent<string | ArrayBuffer>) => this.#hear(data))
    socket.addEventListener('close', ({code, reason}) => {
      const byUs = this.#state === 'closing'
      this.#socket = undefined
      this.#become('closed')
      for (const {answered} of this.#waiting.values()) answered({is: 'closed'})
      this.#waiting.clear()
      this.#on.ended({code, reason, opened, byUs})
    })
    this.#socket = socket
  }

  #hear(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') return this.#on.heard(new Uint8Array(data))
    this.#on.heard(data)
    if (this.#waiting.size === 0) return
    const message = parsed(data)
    const waiting = message && this.#waiting.get(message.ref)
    if (!waiting || (message.type !== 'reply' && message.type !== 'error')) return
    this.#waiting.delete(message.ref)
    const ms = performance.now() - waiting.since
    if (message.type === 'reply') return waiting.answered({is: 'reply', data: message.data, ms})
    const {code, message: words, details} = message
    waiting.answered({is: 'error', error: {code: String(code), message: String(words), details}, ms})
  }

  #become(state: SocketState): void {
    this.#state = state
    this.#on.state(state)
  }
}
