import type {Bus} from '../rooms/bus.js'
import {RelayLink, type RelayChannel} from './relay-link.js'
import {fromRelay, type FromRelay, type ToRelay} from './relay-message.js'

let ofThisProcess: RelayChannel | undefined

/** This process is one of the workers of `candy start --workers`. */
export function enterWorker(): void {
  ofThisProcess ??= new PrimaryChannel()
}

/** The bus that joins the workers of one machine; `undefined` where this process is no such worker. */
export function ownWorkersBus(): Bus | undefined {
  return ofThisProcess && workersBus(ofThisProcess)
}

/** A bus whose server is the relay at the other end of a channel. */
export function workersBus(channel: RelayChannel): Bus {
  return {kind: 'workers', connect: node => new RelayLink(channel, node)}
}

/** What comes from the primary, and goes to it, beside what the app's own code has to say. */
class PrimaryChannel implements RelayChannel {
  readonly #listeners = new Set<(message: FromRelay) => void>()

  constructor() {
    process.on('message', sent => {
      const message = fromRelay(sent)
      if (message) for (const hear of this.#listeners) hear(message)
    })
  }

  send(message: ToRelay, done: (error: Error | null) => void): void {
    if (process.connected) process.send!(message, undefined, undefined, done)
    else done(new Error('the primary is gone'))
  }

  listen(hear: (message: FromRelay) => void): () => void {
    this.#listeners.add(hear)
    return () => void this.#listeners.delete(hear)
  }
}
