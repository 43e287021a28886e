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
  readonly #firsts = new Map<Frame, Batch>()
  #last: Batch | undefined

  /** The batch of an outbox that was empty: it is flushed before the event loop reads again. */
  begin(outbox: Flushable, frame: Frame): Batch {
    if (this.#full.push(outbox) === 1) setImmediate(this.#flush)
    // The last one first: a broadcast asks for the same, member by member, or for two in turn where some compress.
    if (this.#last?.isOnly(frame) === true) return this.#last
    const known = this.#firsts.get(frame)
    this.#last = known ?? new Batch(frame)
    if (!known) this.#firsts.set(frame, this.#last)
    return this.#last
  }

  readonly #flush = (): void => {
    const full = this.#full
    this.#full = []
    this.#firsts.clear()
    this.#last = undefined
    for (const outbox of full) outbox.flush()
  }
}
