import type {Channel, ChannelEvents, ChannelState, Closing} from './channel.js'
import {Listeners, type Listener} from './listeners.js'
import {decode, encode, isObject} from './message.js'
import {watchPage} from './page.js'
import {PresenceState, type Presence} from './presence.js'
import {Queue} from './queue.js'
import {refIn, refOut} from './refs.js'
import {RequestError} from './request-error.js'
import {Requests} from './requests.js'
import {checkClose} from './web-socket.js'

export type SocketState = 'connecting' | 'open' | 'reconnecting' | 'closed'

/** What happens to a socket. */
export interface SocketEvents<M = unknown> {
  /** The server has accepted a connection: the first, or a new one. */
  open: () => unknown
  /** Every message that answers no request: JSON parsed if it is JSON, else the string; bytes as an ArrayBuffer. */
  message: (message: M) => unknown
  /** A connection ended; `state` says whether there will be another. 1006: it broke, or there never was one. */
  close: (code: number, reason: string) => unknown
  /** What a listener threw, and what keeps it from connecting and will not pass by itself. */
  error: (error: Error) => unknown
  /** Why: the end of the connection before. */
  state: (state: SocketState, why?: Closing) => unknown
  /** A message that is not sent: too many waited for a connection already, or it is over. */
  dropped: (message: unknown) => unknown
  /**
   * Something may be missed: what was sent to these rooms, as the server could not hear of it for a while; or, without rooms, all that
   * was sent before it was open again.
   */
  gap: (rooms?: readonly string[]) => unknown
  /** Who is in a room, at first and whenever that changes. */
  presence: (presence: Presence) => unknown
}

export interface SocketParts {
  readonly channel: (events: ChannelEvents) => Channel
  /** Messages kept while there is no connection. */
  readonly queue: number
  /** The id of this tab, if the connection is shared. */
  readonly tab: string | undefined
}

/** What a page has in its hand: messages, and a connection that comes back by itself. */
export class Socket {
  readonly #channel: Channel
  readonly #tab: string | undefined
  readonly #queue: Queue
  readonly #requests: Requests
  readonly #listeners = new Listeners()
  readonly #presence = new PresenceState()
  readonly #unwatch: () => void
  #state: SocketState = 'connecting'
  /** Whether there is a connection, be it that it does not answer for now. */
  #hasConnection = false
  #hadConnection = false

  /** @internal */
  constructor({channel, queue, tab}: SocketParts) {
    this.#tab = tab
    this.#queue = new Queue(queue)
    this.#requests = new Requests(ref => this.#queue.drop(ref))
    this.#channel = channel({
      became: (state, why) => this.#became(state, why),
      frame: data => this.#hear(data),
      failed: error => this.#listeners.emit('error', error),
    })
    this.#unwatch = watchPage(this.#channel)
    this.#channel.open()
  }

  get state(): SocketState {
    return this.#state
  }

  /** Whether it is open. */
  get connected(): boolean {
    return this.#state === 'open'
  }

  /**
   * Sends: text and bytes (ArrayBuffer, its views, Blob) as they are, else JSON. Without a connection, the message waits for one.
   *
   * @returns `false` if it is not sent: closed, or too many messages wait, which `dropped` tells
   * @throws TypeError for what has no JSON form
   */
  send(message: unknown): boolean {
    const data = encode(this.#outgoing(message))
    if (this.#state === 'closed') return false
    if (this.#put(message, data)) return true
    this.#listeners.emit('dropped', message)
    return false
  }

  /**
   * Sends a message and waits for its answer.
   *
   * @param options `timeout` in milliseconds, 5,000 by default; above 24.8 days, such as `Infinity`: none
   * @returns what the handler returned; rejects with a `RequestError`
   */
  request(type: string, body?: object, {timeout = 5_000}: {timeout?: number} = {}): Promise<unknown> {
    return this.#requests.make(ref => {
      if (this.#state === 'closed') return new RequestError('CLOSED', 'The connection is closed')
      const message = {...body, type, ref}
      if (this.#put(message, encode(this.#outgoing(message)), ref)) return undefined
      return new RequestError('FULL', 'Too many messages wait for a connection: see the option queue')
    }, timeout)
  }

  /** Listens. @throws TypeError for an event that there is not */
  on<E extends keyof SocketEvents>(event: E, fn: SocketEvents[E]): this {
    this.#listeners.add(known(event), fn)
    return this
  }

  off<E extends keyof SocketEvents>(event: E, fn: SocketEvents[E]): this {
    this.#listeners.remove(event, fn)
    return this
  }

  /** Listens to the messages of a type. @internal */
  onType(type: string, fn: Listener): void {
    this.#listeners.add(ofType(type), fn)
  }

  /** @internal */
  offType(type: string, fn: Listener): void {
    this.#listeners.remove(ofType(type), fn)
  }

  /**
   * Closes for good; what was asked and is not answered is rejected. Of a shared connection, it leaves this tab alone.
   *
   * @throws RangeError for a code that is neither 1000 nor 3000 to 4999, and a reason above 123 bytes
   */
  close(code = 1000, reason = ''): void {
    checkClose(code, reason)
    if (this.#state === 'closed') return
    this.#channel.close(code, reason)
    this.#became('closed', {code, reason})
  }

  #outgoing(message: unknown): unknown {
    if (this.#tab === undefined || !isObject(message) || !('ref' in message)) return message
    return {...message, ref: refOut(this.#tab, message.ref)}
  }

  #put(message: unknown, data: ReturnType<typeof encode>, ref?: string): boolean {
    if (this.#state !== 'open') return this.#queue.put(message, data, ref)
    this.#channel.send(data)
    return true
  }

  #became(state: ChannelState, why?: Closing): void {
    if (this.#state === 'closed') return
    if (state === 'open') return this.#opened()
    if (state === 'doubtful') return this.#show('reconnecting', why)
    const closing = why ?? noConnection
    const ends = this.#hasConnection || state === 'closed'
    this.#hasConnection = false
    this.#requests.end(ref => state !== 'closed' && this.#queue.has(ref))
    if (state === 'closed') this.#unwatch()
    this.#show(state, why)
    // Whoever heard of it may have closed, which was told then.
    if (this.state !== state) return
    if (ends) this.#listeners.emit('close', closing.code, closing.reason)
    if (state !== 'closed') return
    for (const {message, ref} of this.#queue.take())
      if (ref === undefined) this.#listeners.emit('dropped', message)
  }

  #opened(): void {
    const isNew = !this.#hasConnection
    const isMissing = isNew && this.#hadConnection
    const shows = this.#state !== 'open'
    this.#hasConnection = this.#hadConnection = true
    this.#state = 'open'
    // Before anybody hears of it, and says more.
    for (const {data} of this.#queue.take()) this.#channel.send(data)
    if (shows) this.#listeners.emit('state', 'open')
    if (isNew && this.connected) this.#listeners.emit('open')
    if (isMissing && this.connected) this.#listeners.emit('gap')
  }

  #show(state: SocketState, why?: Closing): void {
    // Whoever takes a connection over begins with it.
    if (state === this.#state || (state === 'connecting' && this.#state === 'reconnecting')) return
    this.#state = state
    this.#listeners.emit('state', state, why)
  }

  #hear(data: string | ArrayBuffer): void {
    const message = this.#incoming(decode(data))
    const type = isObject(message) ? message.type : undefined
    if (isObject(message) && this.#requests.take(message)) return
    const isTyped = typeof type === 'string'
    if (isTyped && type.startsWith('candy.')) return this.#hearServer(message as {rooms?: unknown}, type)
    this.#listeners.emit('message', message)
    if (isTyped) this.#listeners.emit(ofType(type), message)
  }

  /** What it says itself, and nobody sent. */
  #hearServer(message: {rooms?: unknown}, type: string): void {
    if (type === 'candy.gap' && Array.isArray(message.rooms)) this.#listeners.emit('gap', message.rooms)
    const presence = this.#presence.take(message)
    if (presence) this.#listeners.emit('presence', presence)
  }

  #incoming(message: unknown): unknown {
    if (this.#tab === undefined || !isObject(message) || !('ref' in message)) return message
    return {...message, ref: refIn(message.ref)}
  }
}

const noConnection: Closing = {code: 1006, reason: 'No connection'}

export const events: readonly string[] = [
  'open',
  'message',
  'close',
  'error',
  'state',
  'dropped',
  'gap',
  'presence',
]

function known(event: string): string {
  if (events.includes(event)) return event
  throw new TypeError(`There is no event '${event}': ${events.join(', ')} are`)
}

/** Messages may be called like events. */
function ofType(type: string): string {
  return `=${type}`
}
