import {encode, encodeBinary, type Encode, type Frame, type SendOptions} from './frame.js'
import {checkRoom} from './rooms.js'

export type Deliver = (
  rooms: readonly string[],
  except: readonly string[],
  frame: Frame,
  options?: SendOptions,
) => void

/** `to(...rooms)`: everyone in any of the rooms, once each, the sender too. Immutable. */
export class Audience {
  readonly #deliver: Deliver
  readonly #rooms: readonly string[]
  readonly #except: readonly string[]
  readonly #encode: Encode

  /** @throws CandyError `ROOM` */
  constructor(
    deliver: Deliver,
    rooms: readonly string[],
    except: readonly string[] = [],
    toFrame: Encode = encode,
  ) {
    rooms.forEach(checkRoom)
    this.#deliver = deliver
    this.#rooms = rooms
    this.#except = except
    this.#encode = toFrame
  }

  /** The same audience without these connections, or without those in these rooms. */
  except(...roomsOrIds: string[]): Audience {
    return new Audience(this.#deliver, this.#rooms, [...this.#except, ...roomsOrIds], this.#encode)
  }

  /**
   * @throws TypeError for what has no JSON form; RangeError for what is longer than `limits.maxBuffered`; Error for what is
   *   not as `@Emits` declares it
   */
  send(data: unknown, options?: SendOptions): void {
    this.#deliver(this.#rooms, this.#except, this.#encode(data), options)
  }

  /** @throws TypeError if it is not bytes; RangeError if they are more than `limits.maxBuffered` */
  sendBinary(bytes: ArrayBuffer | ArrayBufferView, options?: SendOptions): void {
    this.#deliver(this.#rooms, this.#except, encodeBinary(bytes), options)
  }
}
