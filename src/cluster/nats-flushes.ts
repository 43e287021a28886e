import {BusError} from '../rooms/bus.js'
import type {NatsConnection} from './nats-connection.js'

/**
 * Tells when the server has read what was sent to it. That is a question and its answer, so many messages share one: at
 * most one is on its way, and the next is for all that was sent meanwhile.
 */
export class NatsFlushes {
  readonly #connection: NatsConnection
  readonly #within: (flush: () => Promise<void>) => Promise<void>
  #next: Promise<void> | undefined
  #current: Promise<unknown> | undefined

  /** @param within sets the time that one may take */
  constructor(connection: NatsConnection, within: (flush: () => Promise<void>) => Promise<void>) {
    this.#connection = connection
    this.#within = within
  }

  /** For what was sent before, and what is sent in the same breath after. @throws BusError */
  get next(): Promise<void> {
    return (this.#next ??= this.#within(() => this.#flush()))
  }

  async #flush(): Promise<void> {
    await this.#current
    this.#next = undefined
    if (this.#connection.isClosed()) throw new BusError('the NATS connection is closed')
    const flush = this.#connection.flush()
    this.#current = flush.catch(() => undefined)
    await flush
  }
}
