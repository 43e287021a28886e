import type {CandyClient} from '../client/candy.js'
import type {Socket as ClientSocket} from '../client/socket.js'
import type {Ending} from './close-words.js'
import {parsed} from './frame.js'

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

/** Of /_candy/client.js. */
declare const Candy: CandyClient

/**
 * A socket of Candy's client to a route, opened and closed by hand: one that came back by itself would hide why it was closed.
 * Its frames are watched on the wire, so that they show as they are.
 */
export class Socket {
  readonly #on: SocketEvents
  readonly #waiting = new Map<unknown, Waiting>()
  #socket: ClientSocket | undefined
  #state: SocketState = 'closed'

  constructor(on: SocketEvents) {
    this.#on = on
  }

  get state(): SocketState {
    return this.#state
  }

  connect(url: URL, withToken: boolean): void {
    if (this.#state !== 'closed') return
    let began = false
    let opened = false
    const socket = Candy.ws(url.href, {
      autoReconnect: false,
      token: withToken,
      WebSocket: watched(wire => {
        began = true
        wire.addEventListener('open', () => {
          opened = true
          this.#on.opened(wire.url, wire.protocol)
        })
        wire.addEventListener('message', ({data}: MessageEvent<string | ArrayBuffer>) => this.#hear(data))
      }),
    })
    socket.on('open', () => this.#become('open'))
    socket.on('close', (code, reason) => {
      const byUs = this.#state === 'closing'
      this.#socket = undefined
      this.#become('closed')
      for (const {answered} of this.#waiting.values()) answered({is: 'closed'})
      this.#waiting.clear()
      if (began || byUs) this.#on.ended({code, reason, opened, byUs})
      else this.#on.failed(`No token: ${reason}.`)
    })
    this.#socket = socket
    this.#become('connecting')
  }

  disconnect(): void {
    this.#become('closing')
    this.#socket?.close()
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

  #hear(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') return this.#on.heard(new Uint8Array(data))
    // Between the client and the server.
    if (data.startsWith('{"type":"candy.')) return
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

/** @param began told of each one, before anybody else listens to it */
function watched(began: (wire: WebSocket) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      began(this)
    }
  }
}
