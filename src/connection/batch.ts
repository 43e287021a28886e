import {Buffer} from 'node:buffer'
import type {Frame} from '../rooms/frame.js'

/**
 * What waits on a connection: a frame, and the batch before it. Connections on which the same frames wait, in the same
 * order, share one batch and so its bytes: a thousand members of a room that was told three things are one buffer.
 */
export class Batch {
  /** Bytes on the wire. */
  readonly size: number
  readonly #before: Batch | undefined
  readonly #frame: Frame
  #next: Batch | undefined
  #bytes: Buffer | undefined

  constructor(frame: Frame, before?: Batch) {
    this.#frame = frame
    this.#before = before
    this.size = frame.size + (before?.size ?? 0)
  }

  /** This one with a frame more. The last that was asked for is remembered: a broadcast asks for the same, member by member. */
  with(frame: Frame): Batch {
    const next = this.#next
    return next && next.#frame === frame ? next : (this.#next = new Batch(frame, this))
  }

  /** Everything in one piece, made once. */
  get bytes(): Buffer {
    this.#bytes ??= this.#before ? this.#merged() : this.#frame.wire
    return this.#bytes
  }

  /** First to last. */
  get frames(): readonly Frame[] {
    const frames = [this.#frame]
    for (let at = this.#before; at; at = at.#before) frames.push(at.#frame)
    return frames.toReversed()
  }

  #merged(): Buffer {
    const bytes = Buffer.allocUnsafe(this.size)
    let offset = 0
    for (const frame of this.frames) {
      frame.writeTo(bytes, offset)
      offset += frame.size
    }
    return bytes
  }
}
