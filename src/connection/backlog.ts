import type {Frame} from '../rooms/frame.js'
import {Batch} from './batch.js'

/** What waits: short frames together, or one that is long, is still to be compressed, or may be replaced. */
export interface Waiting {
  readonly what: Batch | Frame
  /** A newer frame of the same key takes this one's place. */
  readonly key: string | undefined
  /** Told when it has left, or never will. */
  readonly sent: (() => void) | undefined
}

/** What a connection is to be sent and cannot be yet, in order. It is there as long as something is in the way. */
export class Backlog {
  /** Bytes. A message that is still to be compressed counts as it is. */
  size = 0
  /** Messages. */
  count = 0
  /** The socket takes nothing for now. */
  full = false
  /** The first of them is being compressed. */
  compressing = false
  /** A set, as any of them may be taken out, and as it keeps their order. */
  readonly #waiting = new Set<Waiting>()
  #byKey: Map<string, Waiting> | undefined

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** First to last. Whatever is taken out meanwhile is left out, and what is added comes. */
  [Symbol.iterator](): Iterator<Waiting> {
    return this.#waiting.values()
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting)
    this.size += waiting.what.size
    this.count += messagesIn(waiting)
    if (waiting.key !== undefined) (this.#byKey ??= new Map()).set(waiting.key, waiting)
  }

  remove(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    this.size -= waiting.what.size
    this.count -= messagesIn(waiting)
    if (waiting.key !== undefined) this.#byKey!.delete(waiting.key)
  }

  /** What waits under a key. */
  of(key: string): Waiting | undefined {
    return this.#byKey?.get(key)
  }
}

function messagesIn({what}: Waiting): number {
  return what instanceof Batch ? what.count : 1
}
