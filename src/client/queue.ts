import type {Data} from './channel.js'

interface Waiting {
  /** As it was given. */
  readonly message: unknown
  readonly data: Data
  readonly ref: string | undefined
}

/** What is said while there is no connection, in order. */
export class Queue {
  readonly #limit: number
  #waiting: Waiting[] = []

  /** @param limit how many messages may wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @returns `false` if too many wait already */
  put(message: unknown, data: Data, ref?: string): boolean {
    if (this.#waiting.length >= this.#limit) return false
    this.#waiting.push({message, data: kept(data), ref})
    return true
  }

  has(ref: string): boolean {
    return this.#waiting.some(one => one.ref === ref)
  }

  /** Nobody waits for the answer any longer: what has not gone out is not sent. */
  drop(ref: string): void {
    this.#waiting = this.#waiting.filter(one => one.ref !== ref)
  }

  /** All of them, first to last; none is left. */
  take(): readonly Waiting[] {
    return this.#waiting.splice(0)
  }
}

/** The app may write its next message into the same bytes. */
function kept(data: Data): Data {
  if (data instanceof ArrayBuffer) return data.slice(0)
  if (!ArrayBuffer.isView(data)) return data
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
}
