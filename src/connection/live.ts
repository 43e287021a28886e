import {candyProtocol} from '../handshake/protocol.js'
import type {Limits} from '../limits.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'
import type {Traffic} from '../telemetry/traffic.js'
import type {Frame, SendOptions} from '../rooms/frame.js'
import {Inbox, type InboundFrame, type Reader} from './inbox.js'
import {limitOf} from './limit-of.js'
import type {Listener, Listeners} from './listeners.js'
import {Outbox} from './outbox.js'
import type {OutboxOwner} from './outbox-owner.js'
import {Pulse} from './pulse.js'
import {isOpen, type Ears, type End, type Socket} from './socket.js'
import {Vitals, type Patient} from './vitals.js'
import type {Wheel} from './wheel.js'

/** Whose connection it is, once accepted: who handles its frames, and is told its end. */
export interface Owner extends Reader {
  readonly limits: Limits
  readonly traffic: Traffic
  readonly wheel: Wheel
  /** Told once that the client reads slowly: a quarter of what may wait for it does. */
  lagging(): void
  /** Told the socket's end, at once. */
  ended(code: number, reason: string): void
}

/** The half of a client that begins with its socket: what comes in when, and how it ends. */
export class Live implements Ears, Patient, OutboxOwner {
  /** @internal */
  readonly socket: Socket
  readonly #outbox: Outbox
  readonly #vitals: Vitals
  readonly #inbox: Inbox
  /** Where `candy.v1` is spoken. */
  readonly #pulse: Pulse | undefined
  readonly #listeners: Listeners
  readonly #owner: Owner
  #late: Promise<void>[] | undefined
  #closedHere = false
  #ended = false
  /** What this side closed with. */
  #said: End | undefined
  /** Then that counts: the socket itself knows only that it was gone. */
  #isCut = false
  #finished: End | undefined
  #settled = false
  #waitsForSettling = false

  /**
   * The socket is heard from this very tick on.
   *
   * @param waited milliseconds that the handshake took
   */
  constructor(socket: Socket, listeners: Listeners, owner: Owner, waited = 0) {
    this.socket = socket
    this.#listeners = listeners
    this.#owner = owner
    this.#outbox = new Outbox(socket, this)
    socket.outbox = this.#outbox
    this.#vitals = new Vitals(this, waited)
    if (socket.protocol === candyProtocol)
      this.#pulse = new Pulse(this.#vitals, (frame, sent) => this.send(frame, undefined, sent))
    this.#inbox = new Inbox(owner, this.#pulse ?? this.#vitals)
    socket.ears = this
  }

  get readyState(): 1 | 2 | 3 {
    if (this.#ended) return 3
    return this.#closedHere || !isOpen(this.socket) ? 2 : 1
  }

  /** @internal */
  get limits(): Limits {
    return this.#owner.limits
  }

  /** @internal */
  get wheel(): Wheel {
    return this.#owner.wheel
  }

  /** @internal */
  get traffic(): Traffic {
    return this.#owner.traffic
  }

  /** @internal */
  exceeded(limit: ExceededLimit): void {
    this.#owner.exceeded(limit)
  }

  /** @internal */
  lagging(): void {
    this.#owner.lagging()
  }

  /** Bytes sent that the operating system has not yet taken, and messages that wait for their turn. @internal */
  get waiting(): {buffered: number; pending: number} {
    return {buffered: this.#outbox.buffered, pending: this.#inbox.held}
  }

  /** Whether the server decided to close: from then on no message reaches a handler. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  get protocol(): string {
    return this.socket.protocol
  }

  /**
   * @param sent called when the frame has left, or never will
   * @returns whether it was accepted; a failed write shows as the socket's end
   */
  send(frame: Frame, options?: SendOptions, sent?: () => void): boolean {
    if (!this.#closedHere && isOpen(this.socket)) return this.#outbox.send(frame, options, sent)
    this.#owner.traffic.late += 1
    return false
  }

  ping(): void {
    if (isOpen(this.socket)) this.socket.ping()
  }

  close(code: number, reason: string): void {
    if (this.#closedHere) return
    this.#closedHere = true
    this.#said = {code, reason}
    // Also when the peer has gone already: what it left behind must not reach a handler any more.
    this.#inbox.stop()
    if (!this.#ended) this.socket.close(code, reason)
  }

  terminate(): void {
    this.#closedHere = true
    this.#inbox.stop()
    this.#vitals.end()
    this.socket.terminate()
  }

  /**
   * Ends the connection in this very turn, whatever the peer does: what waits for it is let go, a close frame is all that is
   * still written, and the app's `close` listeners hear this code. One that is closing already has been told its own.
   */
  cut(code: number, reason: string): void {
    if (this.#ended || this.#isCut) return
    this.#isCut = true
    this.#said ??= {code, reason}
    this.#closedHere = true
    this.#inbox.stop()
    this.#vitals.end()
    this.#outbox.forget()
    this.socket.outbox = undefined
    this.socket.close(code, reason)
    this.socket.terminate()
  }

  /** A controller hears nothing before `@OnOpen` has settled, whatever it listens to. */
  holdUntilSettled(): void {
    this.#waitsForSettling = true
  }

  /** The connect handler has settled. */
  settle(): void {
    this.#settled = true
    this.#inbox.open()
  }

  /** Somebody listens to messages now. */
  messagesHeard(): void {
    if (!this.#waitsForSettling) this.#inbox.open()
  }

  /** While the connect handler runs, messages come only as long as it listens: its next `once` may be on its way. */
  messagesMaybeUnheard(): void {
    if (!this.#settled && !this.#listeners.has('message')) this.#inbox.hold()
  }

  /** @returns whether `close` has fired already; whoever comes late is told too, once */
  hearsLate(fn: Listener): boolean {
    if (!this.#finished) return false
    const {code, reason} = this.#finished
    this.#late ??= []
    this.#late.push(Promise.resolve().then(() => this.#listeners.run(fn, 'close', [code, reason])))
    return true
  }

  /**
   * After the socket's end: what it had sent is handled, as long as one message after the other is. A functional handler
   * may itself wait for `close`, and so never let messages through; a controller's hear it after `@OnOpen`.
   */
  drain(connected: Promise<void> | undefined): Promise<void> | undefined {
    if (this.#waitsForSettling && connected) return connected.then(() => this.#drained())
    return this.#drained()
  }

  /** Fires `close`, once. */
  finish({code, reason}: End): Promise<void> | undefined {
    this.#finished = {code, reason}
    return this.#listeners.emit('close', code, reason)
  }

  #drained(): Promise<void> | undefined {
    return this.#inbox.isIdle ? undefined : this.#inbox.idle()
  }

  /** Those who came late and are being told; more may come while they are. */
  get late(): readonly Promise<void>[] {
    return this.#late ?? []
  }

  /** @internal */
  frame(frame: InboundFrame): void {
    const {length} = frame.data
    // The rate holds for one that is closing, too: a close frame alone stops nobody.
    if (!this.#vitals.message(length) || this.#closedHere) return
    const {traffic} = this.#owner
    traffic.messagesIn += 1
    traffic.bytesIn += length
    if (this.#pulse?.takes(frame) !== true) this.#inbox.push(frame)
  }

  /** @internal */
  ended(code: number, reason: string): void {
    this.#ended = true
    this.#outbox.forget()
    this.#vitals.end()
    const end = (this.#isCut && this.#said) || {code, reason}
    this.#owner.ended(end.code, end.reason)
  }

  /** @internal */
  closing(): void {
    this.#vitals.closing()
  }

  /** @internal */
  failed(error: Error): void {
    const limit = limitOf(error)
    if (limit && !this.#closedHere) this.exceeded(limit)
    void this.#listeners.report(error, 'socket')
  }

  /** @internal */
  pinged(event: 'ping' | 'pong', data: Buffer): void {
    if (!this.#vitals.spend(data.length) || this.#closedHere) return
    if (event === 'pong' && this.#vitals.answers(data)) return
    void this.#listeners.emit(event, data)
  }
}
