import {defaultLimits} from '../limits.js'
import type {InboundFrame} from './inbox.js'
import {paceOf, Rate, type Clock} from './rate.js'
import type {Ears, Socket} from './socket.js'

/** So that what is sent counts all together. */
const standing: Clock = {now: 0, away: 0, refresh: () => 0}

/**
 * Hears who was refused with a close code, until the socket is gone. Such a client has no limits of its own yet. By the
 * default ones, what it had on its way is let pass, and one that floods is cut.
 */
export class RefusedEars implements Ears {
  readonly #socket: Pick<Socket, 'terminate'>
  readonly #rate: Rate

  /** @param waited milliseconds that the handshake took, in which the client may have sent something */
  constructor(socket: Pick<Socket, 'terminate'>, waited: number) {
    this.#socket = socket
    this.#rate = new Rate(paceOf(defaultLimits), waited)
  }

  frame({data}: InboundFrame): void {
    this.#spend(data.length)
  }

  pinged(_event: 'ping' | 'pong', data: Buffer): void {
    this.#spend(data.length)
  }

  closing(): void {
    // It is refused: this side closes.
  }

  ended(): void {
    // Nobody was told that it began.
  }

  failed(): void {
    // The end follows, and is what counts.
  }

  #spend(bytes: number): void {
    if (this.#rate.spend(bytes, standing)) this.#socket.terminate()
  }
}
