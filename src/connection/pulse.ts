import {readMessage, reservedPrefix} from '../messages/envelope.js'
import {encode, type Frame} from '../rooms/frame.js'
import type {Flow, InboundFrame} from './inbox.js'

const ping = `${reservedPrefix}ping`
const pong = encode({type: `${reservedPrefix}pong`})
const busy = encode({type: `${reservedPrefix}busy`})
const quotedPing = Buffer.from(JSON.stringify(ping))

/** Bytes. A ping says nothing else, so most messages need not be looked into. */
const longestPing = 64

/**
 * Tells a client that the server is there: browsers hide the pings of the protocol. A `candy.ping` is answered as it
 * arrives, whatever waits or runs; once the client has sent one, it is also told when reading pauses and goes on.
 *
 * One answer at most is on its way. What is asked meanwhile is answered together, by what holds when that has left: a
 * client that asks and does not read makes nothing pile up.
 */
export class Pulse implements Flow {
  readonly #flow: Flow
  readonly #send: (frame: Frame, sent: () => void) => boolean
  #asked = false
  #paused = false
  #sending = false
  #owed = false

  /**
   * @param flow what pauses and resumes reading
   * @param send gives whether the frame was accepted; tells when it has left, or never will
   */
  constructor(flow: Flow, send: (frame: Frame, sent: () => void) => boolean) {
    this.#flow = flow
    this.#send = send
  }

  /** @returns whether the frame was a ping, and is answered */
  takes({data, binary}: InboundFrame): boolean {
    if (binary || data.length > longestPing || !data.includes(quotedPing)) return false
    if (readMessage(data, false).type !== ping) return false
    this.#asked = true
    this.#answer()
    return true
  }

  pause(): void {
    this.#paused = true
    this.#flow.pause()
    if (this.#asked) this.#answer()
  }

  moved(): void {
    this.#flow.moved()
  }

  resume(): void {
    this.#paused = false
    this.#flow.resume()
    if (this.#asked) this.#answer()
  }

  #answer(): void {
    this.#owed = this.#sending
    if (this.#sending) return
    this.#sending = true
    const accepted = this.#send(this.#paused ? busy : pong, () => this.#sent())
    if (!accepted) this.#sending = false
  }

  #sent(): void {
    this.#sending = false
    if (this.#owed) this.#answer()
  }
}
