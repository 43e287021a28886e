import {Buffer} from 'node:buffer'
import type {Frame} from '../rooms/frame.js'

/**
 * What waits on a connection: a frame, and the batch before it. Connections on which the same frames wait, in the same
 * order, share one batch and so its bytes: a thousand members of a room that was told three things are one buffer.
 */
export class Batch {
  /** Bytes on the wire. */
  readonly size: number
  readonly #key: string | undefined
  #before: Batch | undefined
  #frame: Frame | undefined
  #next: Batch | undefined
  #bytes: Buffer | undefined

  /** @param key a newer frame of the same key takes this one's place */
  constructor(frame: Frame, before?: Batch, key?: string) {
    this.#frame = frame
    this.#before = before
    this.#key = key
    this.size = frame.size + (before?.size ?? 0)
  }

  /** This one with a frame more. The last that was asked for is remembered: a broadcast asks for the same, member by member. */
  with(frame: Frame, key?: string): Batch {
    const next = this.#next
    return next && next.#frame === frame ? next : (this.#next = new Batch(frame, this, key))
  }

  /** Bytes of the frame that waits under a key; 0 if none does. */
  sizeOf(key: string): number {
    const found = this.#find(key)
    return found ? found.size - (found.#before?.size ?? 0) : 0
  }

  /** What is left without the frame that waits under a key. */
  without(key: string): Batch | undefined {
    const found = this.#find(key)
    if (!found) return this
    const behind: Batch[] = []
    for (let at: Batch = this; at !== found; at = at.#before!) behind.push(at)
    let left = found.#before
    for (const at of behind.toReversed())
      left = left ? left.with(at.#frame!, at.#key) : new Batch(at.#frame!, undefined, at.#key)
    return left
  }

  /** Everything in one piece, made once. */
  get bytes(): Buffer {
    this.#bytes ??= this.#before ? this.#merged() : this.#frame!.wire
    return this.#bytes
  }

  /** First to last; `undefined` once they are let go. */
  get frames(): readonly Frame[] | undefined {
    const frames: Frame[] = []
    for (let at: Batch | undefined = this; at; at = at.#before) {
      if (!at.#frame) return undefined
      frames.push(at.#frame)
    }
    return frames.toReversed()
  }

  /** Lets go of the frames: of short ones their objects take more memory than their bytes. */
  seal(): this {
    const {bytes} = this
    this.#bytes = bytes
    this.#frame = undefined
    this.#before = undefined
    this.#next = undefined
    return this
  }

  #find(key: string): Batch | undefined {
    for (let at: Batch | undefined = this; at; at = at.#before) if (at.#key === key) return at
    return undefined
  }

  #merged(): Buffer {
    const bytes = Buffer.allocUnsafe(this.size)
    for (let at: Batch | undefined = this; at; at = at.#before) {
      if (at.#frame) at.#frame.writeTo(bytes, at.#before?.size ?? 0)
      else bytes.set(at.#bytes!, 0)
    }
    return bytes
  }
}
