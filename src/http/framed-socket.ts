import type {Socket as NetSocket} from 'node:net'
import type {Duplex, Writable} from 'node:stream'
import {WebSocket} from 'ws'
import type {Ears, Socket} from '../connection/socket.js'
import {endOnce} from './end-once.js'
import {inflateAlone, type Inflates} from './inflate.js'

/** What `ws` keeps to itself. This file is the wall around it: where a name is gone, frames are sent one by one. */
interface Internals {
  readonly _socket: (Duplex & Counts) | null | undefined
  readonly _receiver: Receiver | undefined
  readonly _sender: Sender | undefined
  readonly _closeFrameSent: boolean | undefined
  readonly _extensions: Readonly<Record<string, Inflates | undefined>> | undefined
}

/** Of a TCP or TLS socket; another stream counts nothing. */
interface Counts extends Partial<Pick<NetSocket, 'bytesRead' | 'bytesWritten'>> {
  readonly _handle?: {readonly bytesWritten: number; readonly writeQueueSize: number} | null
}

interface Receiver extends Writable {
  /** 0: between two frames. */
  readonly _state: number
  /** Of the first two bytes of a frame, one may have come. */
  readonly _bufferedBytes: number
  /** 0: between two messages. */
  readonly _fragmented: number
  /** What has been read, and not yet made into frames. */
  _buffers: readonly Buffer[]
  /** Of the message under way. */
  _fragments: readonly Buffer[]
}

interface Sender {
  /** 0: neither compressing nor reading a Blob. */
  readonly _state: number
  readonly _queue: readonly unknown[]
  /** Whether the next frame begins a message. */
  readonly _firstFragment: boolean
}

/** Whose connection has ended, and what is heard of it is of no interest. */
const deaf: Ears = {frame: ignore, closing: ignore, ended: ignore, failed: ignore, pinged: ignore}

/** A WebSocket that also takes frames that are ready to be written. */
export class FramedSocket extends WebSocket implements Socket {
  outbox: Socket['outbox']
  ears: Socket['ears']
  #full = false

  get deflates(): boolean {
    const agreed = deflateOf(this)?.params
    // A client that asks for a smaller window could not read what is compressed for all.
    return agreed?.server_no_context_takeover === true && agreed.server_max_window_bits === undefined
  }

  get bytesRead(): number {
    return internals(this)._socket?.bytesRead ?? 0
  }

  /** What is on its way in one large write counts bit by bit, as the other side takes it. */
  get bytesGiven(): number {
    const {_socket: socket} = internals(this)
    const {bytesWritten, writeQueueSize} = socket?._handle ?? {}
    if (bytesWritten !== undefined && writeQueueSize !== undefined) return bytesWritten - writeQueueSize
    return (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0)
  }

  get partial(): boolean {
    const {_receiver: receiver} = internals(this)
    if (!receiver) return false
    return receiver._state > 0 || receiver._fragmented > 0 || receiver._bufferedBytes > 0
  }

  /**
   * Whoever hears everything needs no lists of listeners, which take 400 bytes of each connection. An `error` that nobody
   * listened to would end the process (`ws` #1322, #1630): ears hear that too, also after the end.
   */
  override emit(event: string | symbol, ...args: readonly unknown[]): boolean {
    const {ears} = this
    if (!ears) return super.emit(event, ...args)
    if (event === 'error') this.#forget()
    if (event === 'close') this.#letGo()
    return tell(ears, event, args)
  }

  /** Of a connection that has ended node keeps the socket for a while; with it would stay all that the app had of it. */
  #letGo(): void {
    this.ears = deaf
    this.outbox = undefined
  }

  /** What has broken the protocol is never read on; with a peer that does not go it would be kept until it is cut. */
  #forget(): void {
    const {_receiver: receiver} = internals(this)
    if (receiver) receiver._buffers = receiver._fragments = []
  }

  /** To be called once, when the handshake is through. @param maxPayload bytes; 0 for any number */
  opened(maxPayload: number): void {
    const extension = deflateOf(this)
    if (extension) inflateAlone(extension, maxPayload)
    const {_socket: socket, _receiver: receiver} = internals(this)
    endOnce(socket, this)
    endOnce(receiver)
  }

  /** Safe while `ws` itself has nothing under way: else the frames would overtake a message, or be part of one. */
  writeFrames(bytes: Buffer, sent: (() => void) | undefined): boolean {
    const {_socket: socket, _sender: sender, _closeFrameSent: isClosed} = internals(this)
    if (!socket?.writable || isClosed !== false) return false
    if (sender?._state !== 0 || sender._queue.length > 0 || !sender._firstFragment) return false
    // By its answer alone it would be full whenever much was written at once, also where all has been taken.
    if (!socket.write(bytes, sent) && socket.writableLength > 0) this.#fill(socket)
    return true
  }

  together(write: () => void): void {
    const {_socket: socket} = internals(this)
    socket?.cork()
    write()
    socket?.uncork()
  }

  #fill(socket: Duplex): void {
    if (this.#full) return
    this.#full = true
    this.outbox?.filled()
    socket.once('drain', () => {
      this.#full = false
      this.outbox?.drained()
    })
  }

  /** Says by its answer that all before it has come, so it overtakes nothing. */
  override ping(...args: Parameters<WebSocket['ping']>): void {
    this.outbox?.finish()
    super.ping(...args)
  }

  /** Called by `ws` itself, for each ping of the client. */
  override pong(...args: Parameters<WebSocket['pong']>): void {
    this.outbox?.flush()
    super.pong(...args)
  }

  /** Asked by the raw socket, before it is ended. */
  finish(): void {
    this.outbox?.finish()
  }

  /** Also called by `ws` itself, when the client closes or breaks the protocol. */
  override close(code?: number, reason?: string | Buffer): void {
    this.outbox?.finish()
    if (this.readyState === WebSocket.OPEN) this.ears?.closing()
    super.close(code, reason)
  }
}

function tell(ears: Ears, event: string | symbol, [first, second]: readonly unknown[]): boolean {
  switch (event) {
    case 'message':
      ears.frame({data: first as Buffer, binary: second as boolean})
      return true
    case 'ping':
    case 'pong':
      ears.pinged(event, first as Buffer)
      return true
    case 'error':
      ears.failed(first as Error)
      return true
    case 'close':
      ears.ended(first as number, (second as Buffer).toString())
      return true
    default:
      return false
  }
}

function internals(socket: FramedSocket): Internals {
  return socket as unknown as Internals
}

function deflateOf(socket: FramedSocket): Inflates | undefined {
  return internals(socket)._extensions?.['permessage-deflate']
}

function ignore(): void {
  // Nobody is there any more.
}
