import {encode, encodeBinary, type Encode, type Frame, type SendOptions} from './frame.js'
import {checkRoom} from './rooms.js'
import type {Target} from './target.js'

/** @returns what a `send()` does */
export type Deliver<R = void> = (
  to: Target,
  except: readonly string[],
  frame: Frame,
  options?: SendOptions,
) => R

/** Everyone in any of the rooms, or of a user: once each, the sender too. Immutable. */
export class Audience<R = void> {
  readonly #deliver: Deliver<R>
  readonly #to: Target
  readonly #except: readonly string[]
  readonly #encode: Encode

  /** @throws CandyError `ROOM` */
  constructor(deliver: Deliver<R>, to: Target, except: readonly string[] = [], toFrame: Encode = encode) {
    if ('rooms' in to) to.rooms.forEach(checkRoom)
    this.#deliver = deliver
    this.#to = to
    this.#except = except
    this.#encode = toFrame
  }

  /** The same audience without these connections, or without those in these rooms. */
  except(...roomsOrIds: string[]): Audience<R> {
    return new Audience(this.#deliver, this.#to, [...this.#except, ...roomsOrIds], this.#encode)
  }

  /**
   * @throws TypeError for what has no JSON form; RangeError for what is longer than `limits.maxBuffered`; Error for what is
   *   not as `@Emits` declares it
   */
  send(data: unknown, options?: SendOptions): R {
    return this.#deliver(this.#to, this.#except, this.#encode(data), options)
  }

  /** @throws TypeError if it is not bytes; RangeError if they are more than `limits.maxBuffered` */
  sendBinary(bytes: ArrayBuffer | ArrayBufferView, options?: SendOptions): R {
    return this.#deliver(this.#to, this.#except, encodeBinary(bytes), options)
  }
}
