import type {Frame} from '../rooms/frame.js'
import {Batch} from './batch.js'

interface Flushable {
  flush(): void
}

/** As it was before a test of somebody's put its own clock in place. */
const afterInput = setImmediate

/**
 * The outboxes with something in them. One call empties them all, when this turn of the event loop has read what there was
 * to read (`setImmediate`): so what a hundred members say at once goes to each of them in one write.
 */
export class Tick {
  #full: Flushable[] = []
  #first: Batch | undefined

  /** The batch of an outbox that was empty: it is flushed before the event loop reads again. */
  begin(outbox: Flushable, frame: Frame): Batch {
    if (this.#full.push(outbox) === 1) afterInput(this.#flush)
    if (this.#first?.isOnly(frame) !== true) this.#first = new Batch(frame)
    return this.#first
  }

  readonly #flush = (): void => {
    const full = this.#full
    this.#full = []
    this.#first = undefined
    for (const outbox of full) outbox.flush()
  }
}
