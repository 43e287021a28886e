import type {Frame} from '../rooms/frame.js'
import {Batch} from './batch.js'

interface Flushable {
  flush(): void
}

/** The outboxes with something in them: one call at the end of the tick empties them all. */
export class Tick {
  #full: Flushable[] = []
  #first: Batch | undefined

  /** The batch of an outbox that was empty: it is flushed before the event loop goes on. */
  begin(outbox: Flushable, frame: Frame): Batch {
    if (this.#full.push(outbox) === 1) process.nextTick(this.#flush)
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
