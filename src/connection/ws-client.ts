import {Audience, type Deliver} from '../rooms/audience.js'
import {encodeBinary, fitting, type Frame, type SendOptions} from '../rooms/frame.js'
import {guard} from '../guard.js'
import {bound} from '../limits.js'
import type {Hub} from '../rooms/hub.js'
import {checkRoom, fits, tooManyRooms} from '../rooms/rooms.js'
import {
  checkListener,
  type Listeners,
  type MessageClass,
  type TypedOptions,
  type WsEvent,
  type WsEvents,
} from './listeners.js'
import {checkCloseCode, cutReason} from './close-code.js'
import {Live, type Owner} from './live.js'
import {noSocket} from './no-socket.js'
import type {Socket} from './socket.js'
import type {ClientRoute, WsClientParts, WsData} from './ws-client-parts.js'

/**
 * `Candy.ws`: one client. In a middleware there is no socket yet: what is sent, joined or listened to waits for
 * the handshake's end, and `close()` is the verdict.
 */
export class WsClient {
  /** Unique within the app and not to be guessed: 128 random bits. */
  readonly id: string
  /** @internal */
  readonly listeners: Listeners
  /** What a middleware decided by `close()`. @internal */
  verdict: {code: number; reason: string} | undefined
  /** @internal */
  live: Live | undefined

  readonly #hub: Hub<WsClient>
  readonly #who: {readonly known: unknown}
  readonly #isHttp: boolean
  readonly #route: ClientRoute
  #data: WsData | undefined
  /** Each once. A list: a set for one room would take 200 bytes of each connection. */
  #rooms: string[] | undefined
  #deferred: (() => unknown)[] | undefined

  /** @internal */
  constructor(parts: WsClientParts<WsClient>) {
    this.id = parts.id
    this.listeners = parts.listeners
    this.#hub = parts.hub
    this.#who = parts.who
    this.#isHttp = parts.isHttp
    this.#route = parts.route
  }

  /** Your data for this connection. */
  get data(): WsData {
    return (this.#data ??= {})
  }

  set data(data: WsData) {
    this.#data = data
  }

  /** The user as far as known without asking; `await Candy.Auth.user()` asks. */
  get user(): unknown {
    return this.#who.known
  }

  /** 0 connecting (in a middleware), 1 open, 2 closing, 3 closed. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.live?.readyState ?? 0
  }

  /** The rooms this connection is in; a copy. */
  get rooms(): Set<string> {
    return new Set(this.#rooms)
  }

  /** What a handler that returns it answers: `data` is the server's. @internal */
  toJSON(): {id: string} {
    return {id: this.id}
  }

  /** @internal */
  isIn(room: string): boolean {
    return this.live ? this.#hub.has(this, room) : this.#rooms?.includes(room) === true
  }

  /**
   * Sends to this client: JSON text for objects, numbers, booleans and `null`; text; or a binary frame.
   *
   * @returns whether it was accepted; `false` after close, and for a volatile message that is dropped
   * @throws TypeError for what has no JSON form; RangeError above `limits.maxBuffered`; Error if not as `@Emits` declares it
   */
  send(data: unknown, options?: SendOptions): boolean {
    return this.deliver(fitting(this.#route.encode(data), this.maxBuffered), options)
  }

  /** Sends a binary frame. @throws TypeError if it is not bytes; RangeError if they are more than `limits.maxBuffered` */
  sendBinary(bytes: ArrayBuffer | ArrayBufferView, options?: SendOptions): boolean {
    return this.deliver(fitting(encodeBinary(bytes), this.maxBuffered), options)
  }

  /** @internal */
  get maxBuffered(): number {
    return bound(this.#route.limits.maxBuffered)
  }

  /** @internal */
  deliver(frame: Frame, options?: SendOptions): boolean {
    if (this.live) return this.live.send(frame, options)
    this.#checkSocket('send')
    if (this.verdict) return false
    this.#onceAccepted(() => this.live!.send(frame, options))
    return true
  }

  /**
   * Listens. With a DTO class: handles the messages of that `type`, and what it returns answers their `ref`. A function that
   * names the signal gets one, aborted when its time is over or the connection closes.
   *
   * @throws TypeError for an unknown event, a type that is handled already or reserved, a class without rules
   */
  on<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  on<T>(
    type: string,
    body: MessageClass<T>,
    fn: (message: T, signal: AbortSignal) => unknown,
    options?: TypedOptions,
  ): this
  on(event: string, second: unknown, third?: unknown, options?: TypedOptions): this {
    if (third === undefined) return this.#listen(event, second, false)
    this.#checkSocket('on')
    this.listeners.addTyped(event, second, third, options)
    return this
  }

  /** Listens for the next one only. */
  once<E extends WsEvent>(event: E, fn: WsEvents[E]): this {
    return this.#listen(event, fn, true)
  }

  off<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  off(type: string, fn: (message: never) => unknown): this
  off(event: string, fn: (...args: never[]) => unknown): this {
    this.listeners.remove(event, fn)
    this.live?.messagesMaybeUnheard()
    return this
  }

  /**
   * Joins rooms, which are the app's. Does nothing on a closed connection.
   *
   * @throws CandyError `ROOM` for what is no name of a room, and for more of them than `limits.maxRooms`: then none is joined
   */
  join(...rooms: string[]): this {
    rooms.forEach(checkRoom)
    this.#checkSocket('join')
    if (this.readyState > 1) return this
    if (!fits(this.#rooms ?? [], rooms, this.#route.limits.maxRooms)) {
      this.live?.exceeded('maxRooms')
      throw tooManyRooms(this.#route.limits.maxRooms)
    }
    for (const room of rooms) {
      if (this.isIn(room)) continue
      if (this.#rooms) this.#rooms.push(room)
      else this.#rooms = [room]
      this.#onceAccepted(() => this.#rooms?.includes(room) === true && this.#hub.join(this, room))
    }
    return this
  }

  /** Leaves rooms. @throws CandyError `ROOM` */
  leave(...rooms: string[]): this {
    rooms.forEach(checkRoom)
    this.#rooms = this.#rooms?.filter(room => !rooms.includes(room))
    for (const room of rooms) this.#hub.leave(this, room)
    return this
  }

  /** Everyone in any of the rooms, once each, this client too. @throws CandyError `ROOM` */
  to(...rooms: string[]): Audience {
    const toRooms: Deliver = (...message) => this.#onceAccepted(() => this.#hub.toRooms(...message))
    return new Audience(toRooms, rooms, [], this.#route.encode)
  }

  /** Every connection of the app but this one. @throws TypeError and RangeError as `send` */
  broadcast(data: unknown, options?: SendOptions): void {
    const frame = this.#route.encode(data)
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
    const verdict = {code, reason: cutReason(String(reason))}
    if (this.live) this.live.close(verdict.code, verdict.reason)
    else this.verdict ??= verdict
  }

  /** Sends a ping frame; the answer is a `pong` event. */
  ping(): void {
    this.#checkSocket('ping')
    this.#onceAccepted(() => this.live!.ping())
  }

  /** @internal */
  leaveAll(): void {
    for (const room of this.#rooms ?? []) this.#hub.leave(this, room)
    this.#rooms = undefined
  }

  /** The handshake is through; what was asked for before takes effect, in order. @internal */
  accept(socket: Socket, owner: Owner, waited: number): Live {
    this.live = new Live(socket, this.listeners, owner, waited)
    this.#hub.add(this)
    for (const effect of this.#deferred?.splice(0) ?? [])
      void guard(effect, [], error => this.listeners.report(error, 'handshake'))
    return this.live
  }

  /** The socket has ended: no broadcast reaches it any more. @internal */
  ended(): void {
    this.#hub.remove(this)
  }

  #listen(event: string, fn: unknown, once: boolean): this {
    checkListener(event, fn)
    this.#checkSocket('on')
    if (event === 'close' && this.live?.hearsLate(fn)) return this
    this.listeners.add(event, fn, once)
    if (event === 'message') this.live?.messagesHeard()
    return this
  }

  /** What goes to others needs no socket of its own: an HTTP route reaches them at once. */
  #onceAccepted(effect: () => unknown): void {
    if (this.live || this.#isHttp) effect()
    else (this.#deferred ??= []).push(effect)
  }

  #checkSocket(member: string): void {
    if (this.#isHttp) throw noSocket(member)
  }
}
