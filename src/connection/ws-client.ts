import {Audience} from '../rooms/audience.js'
import {encode, encodeBinary, type Frame, type SendOptions} from '../rooms/frame.js'
import type {Hub, Member} from '../rooms/hub.js'
import {checkRoom} from '../rooms/rooms.js'
import type {Limits} from '../options.js'
import {guard, inOrder} from '../guard.js'
import {Inbox, type InboundFrame} from './inbox.js'
import {Listeners, wsEvents, type WsEvent, type WsEvents} from './listeners.js'
import {checkCloseCode, cutReason, Peer, type Socket} from './peer.js'

/** `Candy.ws.data`: yours, per connection. */
export interface WsData {
  [key: string]: unknown
}

/** A class whose instances are message bodies. */
export type MessageClass<T = unknown> = new (...args: never[]) => T

/** A typed message handler as `on(type, Dto, fn)` left it. */
export interface TypedListener {
  readonly body: MessageClass
  readonly fn: (body: never) => unknown
}

/** How a connection, once accepted, treats what it hears. */
export interface LiveSettings {
  readonly limits: Limits
  readonly parallel: number
  /** Handles one frame; never throws or rejects. */
  readonly handle: (frame: InboundFrame) => unknown
  /** Told the socket's end, at once. */
  readonly ended: (code: number, reason: string) => void
}

/** @internal */
export interface WsClientParts {
  readonly id: string
  readonly hub: Hub<WsClient>
  readonly user: () => unknown
  /** Told an error that no `error` listener took. */
  readonly uncaught: (error: unknown, during: string) => void
}

const [connecting, open, closing, closed] = [0, 1, 2, 3] as const

/**
 * `Candy.ws`: one client. In a middleware there is no socket yet: what is sent, joined or listened to waits for
 * the handshake's end, and `close()` is the verdict.
 */
export class WsClient implements Member {
  /** Unique within the app and not to be guessed: 128 random bits. */
  readonly id: string
  /** Your data for this connection. */
  readonly data: WsData = {}
  /** Typed handlers of a functional route. @internal */
  readonly typed = new Map<string, TypedListener>()

  readonly #hub: Hub<WsClient>
  readonly #user: () => unknown
  readonly #uncaught: WsClientParts['uncaught']
  readonly #listeners = new Listeners()
  readonly #rooms = new Set<string>()
  #state: 0 | 1 | 2 | 3 = connecting
  #deferred: (() => void)[] = []
  #verdict: {code: number; reason: string} | undefined
  #finished: {code: number; reason: string} | undefined
  #peer: Peer | undefined
  #inbox: Inbox | undefined
  #settings: LiveSettings | undefined
  #opensOnListener = true
  #settled = false
  readonly #late: Promise<void>[] = []
  #closedHere = false

  /** @internal */
  constructor(parts: WsClientParts) {
    this.id = parts.id
    this.#hub = parts.hub
    this.#user = parts.user
    this.#uncaught = parts.uncaught
  }

  /** The user as far as known without asking; `await Candy.Auth.user()` asks. */
  get user(): unknown {
    return this.#user()
  }

  /** 0 connecting (in a middleware), 1 open, 2 closing, 3 closed. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#state === open && !this.#peer!.open ? closing : this.#state
  }

  /** The rooms this connection is in. */
  get rooms(): Set<string> {
    return new Set(this.#rooms)
  }

  /** What a handler that returns it answers: `data` is the server's. */
  toJSON(): {id: string} {
    return {id: this.id}
  }

  isIn(room: string): boolean {
    return this.#rooms.has(room)
  }

  /**
   * Sends to this client: JSON text for objects, numbers, booleans and `null`; text; or a binary frame.
   *
   * @returns whether it was accepted; `false` after close
   * @throws TypeError for undefined, functions, symbols, BigInt and cycles
   */
  send(data: unknown, options?: SendOptions): boolean {
    return this.#accept(encode(data), options)
  }

  /** Sends a binary frame. @throws TypeError if it is not bytes */
  sendBinary(bytes: ArrayBuffer | ArrayBufferView, options?: SendOptions): boolean {
    return this.#accept(encodeBinary(bytes), options)
  }

  deliver(frame: Frame, options?: SendOptions): void {
    this.#accept(frame, options)
  }

  /**
   * Listens. With a DTO class: handles the messages of that `type`, and what it returns answers their `ref`.
   *
   * @throws TypeError for an unknown event, or a type that is handled already or reserved
   */
  on<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  on<T>(type: string, body: MessageClass<T>, fn: (message: T) => unknown): this
  on(event: string, second: unknown, third?: unknown): this {
    if (third === undefined) return this.#listen(event, second, false)
    if (event.startsWith('candy.'))
      throw new TypeError(`The message type '${event}' is reserved: choose one without "candy."`)
    if (this.typed.has(event)) throw new TypeError(`Messages of type '${event}' have a handler already`)
    if (typeof second !== 'function' || typeof third !== 'function')
      throw new TypeError(`on('${event}', Dto, fn) takes a class and a function`)
    this.typed.set(event, {body: second as MessageClass, fn: third as TypedListener['fn']})
    return this
  }

  /** Listens for the next one only. */
  once<E extends WsEvent>(event: E, fn: WsEvents[E]): this {
    return this.#listen(event, fn, true)
  }

  off<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  off(type: string, fn: (message: never) => unknown): this
  off(event: string, fn: (...args: never[]) => unknown): this {
    if (this.typed.get(event)?.fn === fn) this.typed.delete(event)
    else if (isEvent(event)) this.#listeners.remove(event, fn)
    this.#holdIfUnheard()
    return this
  }

  /** Joins rooms, which are the app's. Does nothing on a closed connection. @throws CandyError `ROOM` */
  join(...rooms: string[]): this {
    rooms.forEach(checkRoom)
    if (this.#state > open) return this
    for (const room of rooms) {
      this.#rooms.add(room)
      if (this.#state === open) this.#hub.join(this, room)
    }
    return this
  }

  /** Leaves rooms. @throws CandyError `ROOM` */
  leave(...rooms: string[]): this {
    rooms.forEach(checkRoom)
    for (const room of rooms) {
      this.#rooms.delete(room)
      this.#hub.leave(this, room)
    }
    return this
  }

  /** Everyone in any of the rooms, once each, this client too. @throws CandyError `ROOM` */
  to(...rooms: string[]): Audience {
    return new Audience((names, except, frame, options) => {
      this.#onceAccepted(() => this.#hub.toRooms(names, except, frame, options))
    }, rooms)
  }

  /** Every connection of the app but this one. @throws TypeError as `send` */
  broadcast(data: unknown, options?: SendOptions): void {
    const frame = encode(data)
    this.#onceAccepted(() => this.#hub.toAll(this.id, frame, options))
  }

  /**
   * Closes. From here on no message reaches a handler, and the socket is gone within `limits.closeTimeout`.
   *
   * @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999; default 1000 (RFC 6455, section 7.4)
   * @param reason cut at 123 bytes, on a code point
   * @throws TypeError for any other code
   */
  close(code = 1000, reason = ''): void {
    checkCloseCode(code)
    const cut = cutReason(String(reason))
    if (this.#state === connecting) this.#verdict ??= {code, reason: cut}
    if (this.#state !== open) return
    this.#state = closing
    this.#closedHere = true
    this.#inbox!.stop()
    this.#peer!.close(code, cut)
  }

  /** Sends a ping frame; the answer is a `pong` event. */
  ping(): void {
    this.#onceAccepted(() => this.#peer?.ping())
  }

  /** What a middleware decided by `close()`. @internal */
  get verdict(): {code: number; reason: string} | undefined {
    return this.#verdict
  }

  /** Whether the server decided to close: from then on no message reaches a handler. @internal */
  get closedHere(): boolean {
    return this.#closedHere
  }

  /** The selected subprotocol, or ''. @internal */
  get protocol(): string {
    return this.#peer?.protocol ?? ''
  }

  /** The handshake is through: the socket is heard from this very tick on. @internal */
  accept(socket: Socket, settings: LiveSettings): void {
    this.#settings = settings
    this.#state = open
    const peer = new Peer(socket, {
      frame: frame => this.#inbox!.push(frame),
      ended: (code, reason) => this.#ended(code, reason),
      failed: error => void this.report(error, 'socket'),
      pinged: (event, data) => void this.emit(event, data),
    })
    this.#peer = peer
    this.#inbox = new Inbox(settings.handle, peer, settings.limits, settings.parallel)
    this.#hub.add(this)
    for (const room of this.#rooms) this.#hub.join(this, room)
    for (const effect of this.#deferred.splice(0)) effect()
  }

  /** A controller hears nothing before `@OnOpen` has settled, whatever it listens to. @internal */
  holdUntilSettled(): void {
    this.#opensOnListener = false
  }

  /** The connect handler has settled. @internal */
  settle(): void {
    this.#settled = true
    this.#inbox!.open()
  }

  /**
   * After the socket's end: what it had sent is handled, then `close` fires, then the rooms are left. A functional
   * handler may itself wait for `close`; a controller's hear it after `@OnOpen`. @internal
   */
  async finish(code: number, reason: string, connected: Promise<void>): Promise<void> {
    if (!this.#opensOnListener) await connected
    await this.#inbox!.idle()
    this.#finished = {code, reason}
    await this.emit('close', code, reason)
    for (const room of this.#rooms) this.leave(room)
    await connected
    for (const heard of this.#late) await heard
  }

  /** Cuts the socket without a word. @internal */
  terminate(): void {
    if (this.#state === open) this.#state = closing
    this.#closedHere = true
    this.#inbox?.stop()
    this.#peer?.terminate()
  }

  /** Runs the listeners of an event, each in the guard. @internal */
  emit(event: WsEvent, ...args: readonly unknown[]): Promise<void> | undefined {
    return inOrder(this.#listeners.take(event), fn =>
      guard(fn, args as never[], error =>
        event === 'error' ? this.#uncaught(error, event) : this.report(error, event),
      ),
    )
  }

  /** Those of `message` to run now, for whoever guards them in its own way. @internal */
  takeMessageListeners(): readonly ((...args: never[]) => unknown)[] {
    const taken = this.#listeners.take('message')
    this.#holdIfUnheard()
    return taken
  }

  /** Gives an error to the `error` listeners, else to the log. @internal */
  report(error: unknown, during: string): Promise<void> | undefined {
    if (this.#listeners.has('error')) return this.emit('error', error)
    this.#uncaught(error, during)
    return undefined
  }

  #listen(event: string, fn: unknown, once: boolean): this {
    if (!isEvent(event))
      throw new TypeError(
        `There is no event '${event}': listen to ${wsEvents.join(', ')}, or on('${event}', Dto, fn)`,
      )
    if (typeof fn !== 'function') throw new TypeError(`on('${event}') takes a function`)
    if (event === 'close' && this.#finished) this.#hearLate(fn as WsEvents['close'], this.#finished)
    else this.#listeners.add(event, fn as () => unknown, once)
    if (event === 'message' && this.#state !== connecting && this.#opensOnListener) this.#inbox?.open()
    return this
  }

  /** While the connect handler runs, messages come only as long as it listens: its next `once` may be on its way. */
  #holdIfUnheard(): void {
    if (!this.#settled && !this.#listeners.has('message')) this.#inbox?.hold()
  }

  /** `close` has fired already: whoever comes late is told too, once. */
  #hearLate(fn: WsEvents['close'], {code, reason}: {code: number; reason: string}): void {
    this.#late.push(
      Promise.resolve().then(() => guard(fn, [code, reason], error => this.report(error, 'close'))),
    )
  }

  #accept(frame: Frame, _options: SendOptions | undefined): boolean {
    if (this.#state === connecting) {
      if (this.#verdict) return false
      this.#deferred.push(() => this.#peer!.send(frame))
      return true
    }
    return this.#state === open && this.#peer!.send(frame)
  }

  #onceAccepted(effect: () => void): void {
    if (this.#state === connecting) this.#deferred.push(effect)
    else effect()
  }

  #ended(code: number, reason: string): void {
    this.#state = closed
    this.#hub.remove(this)
    this.#settings!.ended(code, reason)
  }
}

function isEvent(name: string): name is WsEvent {
  return (wsEvents as readonly string[]).includes(name)
}
