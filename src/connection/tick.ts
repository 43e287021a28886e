import {setImmediate} from 'node:timers'
import type {Frame} from '../rooms/frame.js'
import {Batch} from './batch.js'

interface Flushable {
  flush(): void
}

/**
 * The outboxes with something in them. One call empties them all, when this turn of the event loop has read what there was
 * to read (`setImmediate`): so what a hundred members say at once goes to each of them in one write.
 */
export class Tick {
  #full: Flushable[] = []
  /** The batch of each frame this turn: connections that are sent the same frame first share it, with or without compression. */
  #firsts = new Map<Frame, Batch>()

  /**
   * The batch of an outbox that was empty: it is flushed before the event loop reads again.
   *
   * @param key a newer frame of the same key takes this one's place
   */
  begin(outbox: Flushable, frame: Frame, key?: string): Batch {
    if (this.#full.push(outbox) === 1) setImmediate(this.#flush)
    return this.first(frame, key)
  }

  /** The batch of one frame, the same for all within a turn. */
  readonly first = (frame: Frame, key?: string): Batch => {
    let first = this.#firsts.get(frame)
    if (!first) this.#firsts.set(frame, (first = new Batch(frame, undefined, key)))
    return first
  }

  readonly #flush = (): void => {
    const full = this.#full
    this.#full = []
    // Not `clear()`: it has the old table point at the new one, so one of them in the old generation keeps all that follow.
    this.#firsts = new Map()
    for (const outbox of full) outbox.flush()
  }
}
