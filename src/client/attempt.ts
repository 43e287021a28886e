import {withScheme} from './address.js'
import type {Data} from './channel.js'
import {asError, type Offer} from './offer.js'
import {Watchdog} from './watchdog.js'
import {openSocket, type WebSocketClass, type WebSocketLike} from './web-socket.js'

/** Milliseconds from the question for a token to the server's first frame. */
const connectTimeout = 10_000

const candyProtocol = 'candy.v1'
const ping = '{"type":"candy.ping"}'
const pong = '{"type":"candy.pong"}'
/** The server reads nothing for now; a pong says that it does again. */
const busy = '{"type":"candy.busy"}'

export interface AttemptOptions {
  readonly url: URL
  readonly WebSocket: WebSocketClass
  /** A token, if it takes one. */
  readonly offer: (ended: AbortSignal) => Promise<Offer>
}

export interface AttemptEvents {
  accepted(): void
  /** Whether the server answers. */
  answers(yes: boolean): void
  frame(data: string | ArrayBuffer): void
  /** There was nothing to connect with. */
  failed(error: Error): void
  /** Once, whether it was accepted or not. */
  ended(code: number, reason: string): void
}

/** One WebSocket, from its token to its end. */
export class Attempt {
  readonly #options: AttemptOptions
  readonly #on: AttemptEvents
  readonly #over = new AbortController()
  readonly #timer: ReturnType<typeof setTimeout>
  #socket: WebSocketLike | undefined
  #watchdog: Watchdog | undefined
  #accepted = false

  constructor(options: AttemptOptions, events: AttemptEvents) {
    this.#options = options
    this.#on = events
    this.#timer = setTimeout(() => this.#fail(1006, 'No answer'), connectTimeout)
    void this.#begin()
  }

  send(data: Data): void {
    this.#socket?.send(data)
    this.#watchdog?.sent()
  }

  /** Ends it; nothing is told after. */
  end(code: number, reason: string): void {
    this.#over.abort()
    clearTimeout(this.#timer)
    this.#watchdog?.stop()
    this.#socket?.close(code, reason)
  }

  /** Whether anybody is there? */
  ask(): void {
    this.#watchdog?.ask()
  }

  doubt(): void {
    this.#watchdog?.doubt()
  }

  async #begin(): Promise<void> {
    const {url, WebSocket, offer} = this.#options
    try {
      const made = await offer(this.#over.signal)
      if (!this.#isOver) this.#attach(openSocket(WebSocket, withScheme(url, 'ws').href, made))
    } catch (thrown) {
      if (this.#isOver) return
      const error = asError(thrown)
      this.#on.failed(error)
      this.#fail(1006, error.message)
    }
  }

  #attach(socket: WebSocketLike): void {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      if (this.#isOver) return
      // Browsers do not see why a handshake is refused, so the server completes it, and closes: it is open once something comes.
      if (socket.protocol === candyProtocol) socket.send(ping)
      else this.#accept()
    })
    socket.addEventListener('message', ({data}: {data: string | ArrayBuffer}) => this.#hear(data, socket))
    socket.addEventListener('close', ({code, reason}: {code: number; reason: string}) =>
      this.#fail(code, reason),
    )
    // `close` follows, and says more; without a listener, `ws` throws it.
    socket.addEventListener('error', () => undefined)
  }

  #hear(data: string | ArrayBuffer, socket: WebSocketLike): void {
    if (this.#isOver) return
    if (!this.#accepted) {
      this.#watchdog = this.#watch(socket)
      this.#accept()
      // Whoever heard of it may have closed.
      if (this.#isOver) return
    }
    if (data === busy || data === pong) return this.#watchdog?.heard(data === busy)
    this.#watchdog?.heard()
    // Likewise who heard that it answers again.
    if (!this.#isOver) this.#on.frame(data)
  }

  #accept(): void {
    this.#accepted = true
    clearTimeout(this.#timer)
    this.#on.accepted()
  }

  #watch(socket: WebSocketLike): Watchdog {
    return new Watchdog({
      ping: () => socket.send(ping),
      buffered: () => socket.bufferedAmount,
      doubtful: () => this.#on.answers(false),
      recovered: () => this.#on.answers(true),
      dead: () => this.#fail(1006, 'No answer'),
    })
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted
  }

  #fail(code: number, reason: string): void {
    if (this.#isOver) return
    this.end(1000, '')
    this.#on.ended(code, reason)
  }
}
