import {candyProtocol} from '../handshake/protocol.js'
import type {Limit, Limits} from '../options.js'
import type {Frame} from '../rooms/frame.js'
import {Inbox, type InboundFrame} from './inbox.js'
import type {Listener, Listeners} from './listeners.js'
import {Peer} from './peer.js'
import {Pulse} from './pulse.js'
import type {Socket} from './socket.js'

/** How a connection, once accepted, treats what it hears. */
export interface LiveSettings {
  readonly limits: Limits
  readonly parallel: number
  /** Handles one frame; never throws or rejects. */
  readonly handle: (frame: InboundFrame) => unknown
  /** Told the socket's end, at once. */
  readonly ended: (code: number, reason: string) => void
}

interface End {
  readonly code: number
  readonly reason: string
}

/** The half of a client that begins with its socket: what comes in when, and how it ends. */
export class Live {
  readonly #listeners: Listeners
  readonly #peer: Peer
  readonly #inbox: Inbox
  /** Where `candy.v1` is spoken. */
  readonly #pulse: Pulse | undefined
  readonly #handlerTimeout: Limit
  #late: Promise<void>[] | undefined
  #closedHere = false
  #ended = false
  #finished: End | undefined
  #settled = false
  #waitsForSettling = false

  /** The socket is heard from this very tick on. */
  constructor(socket: Socket, listeners: Listeners, settings: LiveSettings) {
    this.#listeners = listeners
    this.#handlerTimeout = settings.limits.handlerTimeout
    this.#peer = new Peer(socket, {
      frame: frame => this.#receive(frame),
      ended: (code, reason) => {
        this.#ended = true
        settings.ended(code, reason)
      },
      failed: error => void listeners.report(error, 'socket'),
      pinged: (event, data) => void listeners.emit(event, data),
    })
    if (this.#peer.protocol === candyProtocol)
      this.#pulse = new Pulse(this.#peer, (frame, sent) => this.send(frame, sent))
    this.#inbox = new Inbox(settings.handle, this.#pulse ?? this.#peer, settings.limits, settings.parallel)
  }

  get readyState(): 1 | 2 | 3 {
    if (this.#ended) return 3
    return this.#closedHere || !this.#peer.open ? 2 : 1
  }

  /** Whether the server decided to close: from then on no message reaches a handler. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  get protocol(): string {
    return this.#peer.protocol
  }

  /** @param sent called when the frame has left, or never will */
  send(frame: Frame, sent?: () => void): boolean {
    return !this.#closedHere && this.#peer.send(frame, sent)
  }

  ping(): void {
    this.#peer.ping()
  }

  close(code: number, reason: string): void {
    if (this.#closedHere) return
    this.#closedHere = true
    // Also when the peer has gone already: what it left behind must not reach a handler any more.
    this.#inbox.stop()
    if (!this.#ended) this.#peer.close(code, reason)
  }

  terminate(): void {
    this.#closedHere = true
    this.#inbox.stop()
    this.#peer.terminate()
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
  async drain(connected: Promise<void> | undefined): Promise<void> {
    if (this.#waitsForSettling) await connected
    if (!this.#inbox.isIdle) await this.#inbox.idle(this.#handlerTimeout)
  }

  /** Fires `close`, once. */
  async finish({code, reason}: End): Promise<void> {
    this.#finished = {code, reason}
    await this.#listeners.emit('close', code, reason)
  }

  /** Those who came late and are being told; more may come while they are. */
  get late(): readonly Promise<void>[] {
    return this.#late ?? []
  }

  #receive(frame: InboundFrame): void {
    if (this.#pulse?.takes(frame) !== true) this.#inbox.push(frame)
  }
}
