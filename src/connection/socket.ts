import type {InboundFrame} from './inbox.js'

/** What a connection was closed with. */
export interface End {
  readonly code: number
  readonly reason: string
}

/** What is heard of a socket. */
export interface Ears {
  frame(frame: InboundFrame): void
  /** A close frame is sent now, whoever closes. */
  closing(): void
  ended(code: number, reason: string): void
  failed(error: Error): void
  pinged(event: 'ping' | 'pong', data: Buffer): void
}

/** The part of a `ws` WebSocket that Candy uses, and what it adds to one. */
export interface Socket {
  readonly readyState: number
  readonly protocol: string
  /** Bytes that the operating system has not yet taken. */
  readonly bufferedAmount: number
  /** Bytes that the operating system has taken: it grows as the peer reads, where some are waiting. */
  readonly bytesGiven: number
  /** Bytes that have come, of whole frames or not. */
  readonly bytesRead: number
  /** Whether a message has begun to come, and is not whole. */
  readonly partial: boolean
  /** Whether the client has agreed to messages that are compressed each by itself. */
  readonly deflates: boolean
  /**
   * Asked to write what it holds before the socket writes something of its own: what was sent first leaves first, and no
   * message may follow a close frame (RFC 6455, section 5.5.1) or a FIN, whoever closes. Told when the socket holds as much
   * as it should, and when it holds nothing any more.
   */
  outbox: {flush(): void; finish(): void; filled(): void; drained(): void} | undefined
  /** Whoever hears it, from the tick of the handshake's end on: a late one would lose frames. */
  ears: Ears | undefined
  /**
   * Writes whole frames, made ready.
   *
   * @param sent called when they have left, or never will
   * @returns `false` if that cannot be now: then each message is sent by itself, behind what is under way, or dropped
   *   where the socket has closed
   */
  writeFrames(bytes: Buffer, sent: (() => void) | undefined): boolean
  /** What `write` writes, leaves in one system call. */
  together(write: () => void): void
  send(
    data: string | Buffer,
    options: {binary: boolean; compress: boolean},
    done: (error?: Error | null) => void,
  ): void
  ping(data?: Buffer): void
  close(code: number, reason: string): void
  terminate(): void
  pause(): void
  resume(): void
}

const open = 1

export function isOpen({readyState}: Pick<Socket, 'readyState'>): boolean {
  return readyState === open
}
