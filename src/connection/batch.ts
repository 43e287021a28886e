import {Buffer} from 'node:buffer'
import type {Frame} from '../rooms/frame.js'

/**
 * What waits on a connection: a frame, and the batch before it. Connections on which the same frames wait, in the same
 * order, share one batch and so its bytes: a thousand members of a room that was told three things are one buffer.
 */
export class Batch {
  /** Bytes on the wire. */
  readonly size: number
  /** Messages. */
  readonly count: number
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
    this.count = 1 + (before?.count ?? 0)
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

  /**
   * What is left without the frame that waits under a key; one does.
   *
   * @param first makes the batch of one frame, or gives the one there is
   */
  without(key: string, first: (frame: Frame, key?: string) => Batch): Batch | undefined {
    const found = this.#find(key)
    if (found === this) return this.#before
    let left = found && found.#before
    for (const batch of this.#all(found))
      left = left ? left.with(batch.#frame!, batch.#key) : first(batch.#frame!, batch.#key)
    return left
  }

  /** Everything in one piece, made once. */
  get bytes(): Buffer {
    this.#bytes ??= this.#before ? this.#merged() : this.#frame!.wire
    return this.#bytes
  }

  /** First to last; `undefined` once they are let go. */
  get frames(): readonly Frame[] | undefined {
    const frames = this.#all().map(batch => batch.#frame)
    return frames.every(frame => frame !== undefined) ? frames : undefined
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
    if (this.#key === key) return this
    let at = this.#before
    while (at && at.#key !== key) at = at.#before
    return at
  }

  /** Each with what is before it, first to last. @param after only those behind it */
  #all(after?: Batch): Batch[] {
    const all: Batch[] = [this]
    for (let at = this.#before; at && at !== after; at = at.#before) all.push(at)
    return all.toReversed()
  }

  #merged(): Buffer {
    const bytes = Buffer.allocUnsafe(this.size)
    for (const batch of this.#all()) {
      if (batch.#frame) batch.#frame.writeTo(bytes, batch.#before?.size ?? 0)
      else bytes.set(batch.#bytes!, 0)
    }
    return bytes
  }
}
