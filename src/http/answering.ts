import type {IncomingMessage, ServerResponse} from 'node:http'
import {closeWithConnection} from './over.js'

/** The requests that are being answered: on the app's own server, and on others'. */
export class Answering {
  #count = 0
  #onNone: (() => void) | undefined

  add(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#count += 1
    closeWithConnection(incoming, outgoing)
    outgoing.once('close', () => {
      this.#count -= 1
      if (this.#count === 0) this.#onNone?.()
    })
  }

  /** Resolves once nobody waits for an answer. */
  none(): Promise<void> {
    return new Promise(resolve => {
      this.#onNone = resolve
      if (this.#count === 0) resolve()
    })
  }
}
