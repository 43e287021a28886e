import {Audience, type Deliver} from '../rooms/audience.js'
import {encodeBinary, fitting, type Frame, type SendOptions} from '../rooms/frame.js'
import {guard} from '../guard.js'
import {bound} from '../limits.js'
import type {Hub} from '../rooms/hub.js'
import {checkRoom, fits, tooManyRooms} from '../rooms/rooms.js'
import {joinedAs, Memberships, type JoinOptions} from './memberships.js'
import {Listening} from './listening.js'
import {candyProtocol} from '../handshake/protocol.js'
import {checkCloseCode, cutReason} from './close-code.js'
import {Live, type Owner} from './live.js'
import type {Socket} from './socket.js'
import type {ClientRoute, WsClientParts, WsData} from './ws-client-parts.js'

/**
 * `Candy.ws`: one client. In a middleware there is no socket yet: what is sent, joined or listened to waits for
 * the handshake's end, and `close()` is the verdict.
 */
export class WsClient extends Listening {
  /** Unique within the app and not to be guessed: 128 random bits. */
  readonly id: string
  /** What a middleware decided by `close()`. @internal */
  verdict: {code: number; reason: string} | undefined

  readonly #hub: Hub<WsClient>
  readonly #who: {readonly known: unknown}
  readonly #route: ClientRoute
  #data: WsData | undefined
  readonly #memberships = new Memberships()
  #userKey: string | undefined
  #deferred: (() => unknown)[] | undefined

  /** @internal */
  constructor(parts: WsClientParts<WsClient>) {
    super(parts.listeners, parts.isHttp)
    this.id = parts.id
    this.#hub = parts.hub
    this.#who = parts.who
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
    return new Set(this.#memberships.names)
  }

  /** What a handler that returns it answers: `data` is the server's. @internal */
  toJSON(): {id: string} {
    return {id: this.id}
  }

  /** @internal */
  get userKey(): string | undefined {
    return this.#userKey
  }

  /** @internal */
  get hearsCandy(): boolean {
    return this.live?.protocol === candyProtocol
  }

  /** @internal */
  optionsIn(room: string): JoinOptions | undefined {
    return this.#memberships.optionsOf(room)
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
    this.checkSocket('send')
    if (this.verdict) return false
    this.#onceAccepted(() => this.live!.send(frame, options))
    return true
  }

  /**
   * Joins rooms, which are the app's. Does nothing on a closed connection. With options as the last argument, all of these rooms
   * see its `meta`, and tell it who is there (`presence`); without, those of a room that it is in already stay.
   *
   * @throws CandyError `ROOM` for what is no name of a room, and for more of them than `limits.maxRooms`: then none is joined
   * @throws TypeError for a `meta` that has no JSON form; RangeError for one above 1 KiB
   */
  join(...rooms: string[] | [...rooms: string[], options: JoinOptions]): this {
    const {names, options} = joinedAs(rooms)
    this.checkSocket('join')
    if (this.readyState > 1) return this
    if (!fits(this.#memberships.names, names, this.#route.limits.maxRooms)) {
      this.live?.exceeded('maxRooms')
      throw tooManyRooms(this.#route.limits.maxRooms)
    }
    for (const room of names)
      if (this.#memberships.add(room, options)) this.#onceAccepted(() => this.#enter(room))
    return this
  }

  /** Leaves rooms. @throws CandyError `ROOM` */
  leave(...rooms: string[]): this {
    rooms.forEach(checkRoom)
    for (const room of rooms) {
      this.#memberships.remove(room)
      this.#hub.leave(this, room)
    }
    return this
  }

  /** Everyone in any of the rooms, once each, this client too, on every node. @throws CandyError `ROOM` */
  to(...rooms: string[]): Audience {
    const toRooms: Deliver = (...message) => this.#onceAccepted(() => this.#hub.send(...message))
    return new Audience(toRooms, {rooms}, [], this.#route.encode)
  }

  /** Every connection of the app but this one, on every node. @throws TypeError and RangeError as `send` */
  broadcast(data: unknown, options?: SendOptions): void {
    const frame = this.#route.encode(data)
    this.#onceAccepted(() => this.#hub.send({everyone: true}, [this.id], frame, options))
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
    this.checkSocket('ping')
    this.#onceAccepted(() => this.live!.ping())
  }

  /** @internal */
  leaveAll(): void {
    for (const room of this.#memberships.takeAll()) this.#hub.leave(this, room)
  }

  #enter(room: string): void {
    if (this.#memberships.has(room)) this.#hub.join(this, room)
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
    if (this.#userKey !== undefined) this.#hub.disown(this, this.#userKey)
  }

  /** Whose it is now, if anybody's. @param key the user's @internal */
  belongTo(key: string | undefined): void {
    if (this.#userKey === key || this.readyState === 3) return
    if (this.#userKey !== undefined) this.#hub.disown(this, this.#userKey)
    this.#userKey = key
    if (key !== undefined) this.#hub.own(this, key)
    for (const room of this.#memberships.names) if (this.#hub.has(this, room)) this.#enter(room)
  }

  /** What goes to others needs no socket of its own: an HTTP route reaches them at once. */
  #onceAccepted(effect: () => unknown): void {
    if (this.live || this.isHttp) effect()
    else (this.#deferred ??= []).push(effect)
  }
}
