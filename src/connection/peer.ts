import type {Frame} from '../rooms/frame.js'
import type {InboundFrame} from './inbox.js'
import {Outbox} from './outbox.js'
import {isOpen, type Socket} from './socket.js'

/** What a peer tells about its socket. */
export interface PeerEvents {
  frame(frame: InboundFrame): void
  ended(code: number, reason: string): void
  failed(error: Error): void
  pinged(event: 'ping' | 'pong', data: Buffer): void
}

/**
 * One live socket. All listeners go on at once, in the tick of the handshake's end, and stay: a late `message`
 * listener loses frames, and a socket without an `error` listener ends the process (`ws` #1322, #1630).
 */
export class Peer {
  readonly #socket: Socket
  readonly #outbox: Outbox

  constructor(socket: Socket, events: PeerEvents) {
    this.#socket = socket
    this.#outbox = new Outbox(socket)
    socket.outbox = this.#outbox
    socket.on('error', error => events.failed(error))
    socket.on('message', (data, binary) => events.frame({data, binary}))
    socket.on('ping', data => events.pinged('ping', data))
    socket.on('pong', data => events.pinged('pong', data))
    socket.on('close', (code, reason) => events.ended(code, reason.toString()))
  }

  /** The selected subprotocol, or ''. */
  get protocol(): string {
    return this.#socket.protocol
  }

  get open(): boolean {
    return isOpen(this.#socket)
  }

  /** Bytes of what was sent that the operating system has not yet taken. */
  get buffered(): number {
    return this.#outbox.buffered
  }

  /**
   * @param sent called when the frame has left, or never will
   * @returns whether it was accepted; a failed write shows as the socket's end
   */
  send(frame: Frame, sent?: () => void): boolean {
    if (!this.open) return false
    this.#outbox.send(frame, sent)
    return true
  }

  ping(): void {
    if (this.open) this.#socket.ping()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }
}

/** @throws TypeError unless an endpoint may send it (RFC 6455, section 7.4) */
export function checkCloseCode(code: unknown): asserts code is number {
  const legal =
    Number.isInteger(code) &&
    (((code as number) >= 1000 && (code as number) <= 1014 && ![1004, 1005, 1006].includes(code as number)) ||
      ((code as number) >= 3000 && (code as number) <= 4999))
  if (!legal)
    throw new TypeError(`${String(code)} is no close code: use 1000 to 1003, 1007 to 1014 or 3000 to 4999`)
}

const maxReasonBytes = 123

/** A control frame holds 125 bytes, two of them the code (RFC 6455, section 5.5); cut on a code point. */
export function cutReason(reason: string): string {
  if (Buffer.byteLength(reason) <= maxReasonBytes) return reason
  let cut = ''
  let bytes = 0
  for (const char of reason) {
    bytes += Buffer.byteLength(char)
    if (bytes > maxReasonBytes) break
    cut += char
  }
  return cut
}
