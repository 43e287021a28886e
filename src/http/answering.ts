import type {IncomingMessage, ServerResponse} from 'node:http'
import {closeWithConnection} from './over.js'

/** The requests that are being answered: on the app's own server, and on others'. */
export class Answering {
  #count = 0
  #onNone: (() => void) | undefined

  /** @returns whether to answer it: not if its connection is gone, or asked for too much at once */
  add(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    this.#count += 1
    outgoing.once('close', () => {
      this.#count -= 1
      if (this.#count === 0) this.#onNone?.()
    })
    return closeWithConnection(incoming, outgoing)
  }

  /** Resolves once nobody waits for an answer. */
  none(): Promise<void> {
    return new Promise(resolve => {
      this.#onNone = resolve
      if (this.#count === 0) resolve()
    })
  }
}
