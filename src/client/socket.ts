import {withScheme} from './address.js'
import type {AnySent, BodyOf, ReplyOf, RouteContract, SentOf, SentType, TakenType} from './contract.js'
import {Listeners, type Listener} from './listeners.js'
import {offerFor, type OfferOptions} from './offer.js'
import {Outbox} from './outbox.js'
import {RequestError} from './request-error.js'
import {Requests} from './requests.js'
import {checkClose, openSocket, type WebSocketClass, type WebSocketLike} from './web-socket.js'

export interface SocketOptions extends OfferOptions {
  readonly url: URL
  readonly WebSocket: WebSocketClass
  /** Messages kept until the connection is open. */
  readonly queue: number
}

/** What went wrong with a message that was sent without asking for an answer. */
export interface ErrorMessage {
  readonly type: 'error'
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

/** What happens to a socket; any other name is the type of a message. */
export interface SocketEvents<R extends RouteContract> {
  open: () => unknown
  /**
   * Every message that answers no request: JSON parsed if it is JSON. Of what a contract does not speak, a text comes as a
   * string and bytes as an ArrayBuffer.
   */
  message: (message: AnySent<R> | ErrorMessage) => unknown
  /** 1006: there never was a connection, or it broke. */
  close: (code: number, reason: string) => unknown
  /** What a listener threw, and why there was no token to connect with. */
  error: (error: Error) => unknown
}

/** One connection to one route. */
export class TypedSocket<R extends RouteContract> {
  readonly #options: SocketOptions
  readonly #outbox: Outbox
  readonly #requests: Requests
  readonly #listeners = new Listeners()
  readonly #ended = new AbortController()
  #socket: WebSocketLike | undefined
  #closing = false

  /** @internal */
  constructor(options: SocketOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.queue)
    this.#requests = new Requests(ref => this.#outbox.drop(ref))
    void this.#open()
  }

  /** Whether it is open. */
  get connected(): boolean {
    return this.#outbox.isOpen && !this.#closing
  }

  /**
   * Sends a message.
   *
   * @returns `false` if it cannot: the connection is closed, or too many wait for it to open
   * @throws TypeError for what has no JSON form
   */
  send<T extends TakenType<R>>(type: T, ...[body]: BodyOf<R, T>): boolean {
    if (this.#closing) return false
    return this.#outbox.put(JSON.stringify({...(body as object | undefined), type}))
  }

  /**
   * Sends a message and waits for its answer.
   *
   * @param options `timeout` in milliseconds, 5,000 by default; above 24.8 days, such as `Infinity`: none
   * @returns what the handler returned; rejects with a `RequestError`
   */
  request<T extends TakenType<R>>(
    type: T,
    ...[body, options]: [...body: BodyOf<R, T>, options?: {timeout?: number}]
  ): Promise<ReplyOf<R, T>> {
    const {timeout = 5_000} = (options ?? {}) as {timeout?: number}
    return this.#requests.make(ref => {
      if (this.#closing) return new RequestError('CLOSED', 'The connection is closed')
      const text = JSON.stringify({...(body as object | undefined), type, ref})
      return this.#outbox.put(text, ref)
        ? undefined
        : new RequestError('FULL', 'Too many messages wait for the connection: see the option queue')
    }, timeout)
  }

  /** Listens, to what happens or to the messages of a type. */
  on<E extends keyof SocketEvents<R>>(event: E, fn: SocketEvents<R>[E]): this
  on<T extends Exclude<SentType<R>, keyof SocketEvents<R>>>(
    type: T,
    fn: (message: SentOf<R, T>) => unknown,
  ): this
  on(event: string, fn: Listener): this {
    this.#listeners.add(event, fn)
    return this
  }

  off<E extends keyof SocketEvents<R>>(event: E, fn: SocketEvents<R>[E]): this
  off<T extends Exclude<SentType<R>, keyof SocketEvents<R>>>(
    type: T,
    fn: (message: SentOf<R, T>) => unknown,
  ): this
  off(event: string, fn: Listener): this {
    this.#listeners.remove(event, fn)
    return this
  }

  /**
   * Closes; what was asked and is not answered is rejected.
   *
   * @throws RangeError for a code that is neither 1000 nor 3000 to 4999, and a reason above 123 bytes
   */
  close(code = 1000, reason = ''): void {
    checkClose(code, reason)
    this.#closing = true
    if (this.#socket) this.#socket.close(code, reason)
    else this.#end(code, reason)
  }

  async #open(): Promise<void> {
    const {url, WebSocket} = this.#options
    try {
      const offer = await offerFor(url, this.#options, this.#ended.signal)
      if (!this.#closing) this.#attach(openSocket(WebSocket, withScheme(url, 'ws').href, offer))
    } catch (error) {
      if (this.#closing) return
      this.#listeners.emit(
        'error',
        error instanceof Error ? error : new Error('There is no token', {cause: error}),
      )
      this.#end(1006, 'No connection')
    }
  }

  #attach(socket: WebSocketLike): void {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      this.#outbox.open(text => socket.send(text))
      this.#listeners.emit('open')
    })
    socket.addEventListener('message', ({data}: {data: unknown}) => this.#hear(data))
    socket.addEventListener('close', ({code, reason}: {code: number; reason: string}) =>
      this.#end(code, reason),
    )
    // `close` follows, and says more; without a listener, `ws` throws it.
    socket.addEventListener('error', () => undefined)
  }

  #hear(data: unknown): void {
    const message = typeof data === 'string' ? parsed(data) : data
    const {type} = isObject(message) ? message : {}
    if (isObject(message) && this.#requests.take(message)) return
    if (typeof type === 'string' && type.startsWith('candy.')) return
    this.#listeners.emit('message', message)
    if (typeof type === 'string' && !events.has(type)) this.#listeners.emit(type, message)
  }

  #end(code: number, reason: string): void {
    if (this.#ended.signal.aborted) return
    this.#closing = true
    this.#ended.abort()
    this.#requests.end()
    this.#listeners.emit('close', code, reason)
  }
}

const events: ReadonlySet<string> = new Set(['open', 'message', 'close', 'error'])

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
