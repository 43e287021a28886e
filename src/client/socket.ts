import {withScheme} from './address.js'
import type {AnySent, BodyOf, ReplyOf, RouteContract, SentOf, SentType, TakenType} from './contract.js'
import {offerFor, type OfferOptions} from './offer.js'
import {Requests} from './requests.js'

/** What is used of a WebSocket, as browsers, Node 22, Bun and the package `ws` have it. */
export interface WebSocketLike {
  binaryType: string
  addEventListener(type: string, listener: (event: never) => void): void
  send(data: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketClass = new (url: string, protocols: string[], options?: object) => WebSocketLike

export interface SocketOptions extends OfferOptions {
  readonly url: URL
  readonly WebSocket: WebSocketClass
  /** Messages kept until the connection is open. */
  readonly queue: number
}

/** What happens to a socket; any other name is the type of a message. */
export interface SocketEvents<R extends RouteContract> {
  open: () => void
  /** Every message that is no answer: JSON parsed if it is JSON, else the string; bytes as an ArrayBuffer. */
  message: (message: AnySent<R>) => void
  close: (code: number, reason: string) => void
  /** What a listener threw, and why no connection came to be. */
  error: (error: Error) => void
}

type Listener = (...args: never[]) => void

/** One connection to one route. */
export class TypedSocket<R extends RouteContract> {
  readonly #options: SocketOptions
  readonly #requests = new Requests()
  readonly #listeners = new Map<string, Set<Listener>>()
  #socket: WebSocketLike | undefined
  /** What is said before it is open; `undefined` from then on. */
  #waiting: string[] | undefined = []
  #closing = false
  #closed = false

  /** @internal */
  constructor(options: SocketOptions) {
    this.#options = options
    void this.#open()
  }

  /** Whether it is open. */
  get connected(): boolean {
    return this.#waiting === undefined && !this.#closing && !this.#closed
  }

  /** Sends a message. @returns `false` if it cannot: the connection is closed, or too many wait for it to open */
  send<T extends TakenType<R>>(type: T, ...[body]: BodyOf<R, T>): boolean {
    return this.#say({...(body as object | undefined), type})
  }

  /**
   * Sends a message and waits for its answer.
   *
   * @param options `timeout` in milliseconds, 5,000 by default
   * @returns what the handler returned; rejects with a `RequestError`
   */
  request<T extends TakenType<R>>(
    type: T,
    ...[body, options]: [...body: BodyOf<R, T>, options?: {timeout?: number}]
  ): Promise<ReplyOf<R, T>> {
    const {timeout = 5_000} = (options ?? {}) as {timeout?: number}
    return this.#requests.make(ref => this.#say({...(body as object | undefined), type, ref}), timeout)
  }

  /** Listens, to what happens or to the messages of a type. */
  on<E extends keyof SocketEvents<R>>(event: E, fn: SocketEvents<R>[E]): this
  on<T extends Exclude<SentType<R>, keyof SocketEvents<R>>>(
    type: T,
    fn: (message: SentOf<R, T>) => void,
  ): this
  on(event: string, fn: Listener): this {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(fn))
    return this
  }

  off(event: string, fn: Listener): this {
    this.#listeners.get(event)?.delete(fn)
    return this
  }

  /** Closes; what was asked and is not answered is rejected. */
  close(code = 1000, reason = ''): void {
    this.#closing = true
    if (this.#socket) this.#socket.close(code, reason)
    else this.#end(code, reason)
  }

  async #open(): Promise<void> {
    const {url, WebSocket} = this.#options
    try {
      const {protocols, headers} = await offerFor(url, this.#options)
      if (this.#closing) return
      const hasHeaders = Object.keys(headers).length > 0
      const address = withScheme(url, 'ws').href
      this.#attach(new WebSocket(address, [...protocols], hasHeaders ? {headers} : undefined))
    } catch (error) {
      this.#emit('error', error)
      this.#end(1006, 'No connection')
    }
  }

  #attach(socket: WebSocketLike): void {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      for (const text of this.#waiting ?? []) socket.send(text)
      this.#waiting = undefined
      this.#emit('open')
    })
    socket.addEventListener('message', ({data}: {data: unknown}) => this.#hear(data))
    socket.addEventListener('close', ({code, reason}: {code: number; reason: string}) =>
      this.#end(code, reason),
    )
    // `close` follows, and says more; without a listener, `ws` throws it.
    socket.addEventListener('error', () => undefined)
  }

  #say(message: object): boolean {
    if (this.#closing || this.#closed) return false
    const text = JSON.stringify(message)
    if (!this.#waiting) {
      this.#socket!.send(text)
      return true
    }
    if (this.#waiting.length >= this.#options.queue) return false
    this.#waiting.push(text)
    return true
  }

  #hear(data: unknown): void {
    const message = typeof data === 'string' ? parsed(data) : data
    const {type} = isObject(message) ? message : {}
    if (isObject(message) && this.#requests.take(message)) return
    if (typeof type === 'string' && type.startsWith('candy.')) return
    this.#emit('message', message)
    if (typeof type === 'string' && !events.has(type)) this.#emit(type, message)
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#requests.end()
    this.#emit('close', code, reason)
  }

  /** What one listener throws must not keep it from the others. */
  #emit(event: string, ...args: unknown[]): void {
    for (const fn of this.#listeners.get(event) ?? []) {
      try {
        ;(fn as (...args: unknown[]) => void)(...args)
      } catch (error) {
        this.#report(event, error)
      }
    }
  }

  #report(event: string, error: unknown): void {
    if (event !== 'error' && this.#listeners.get('error')?.size) return this.#emit('error', error)
    // As if nobody had caught it.
    queueMicrotask(() => {
      throw error
    })
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
