interface Waiting {
  readonly text: string
  readonly ref: string | undefined
}

/** What is said before the connection is open, in order; from then on nothing waits. */
export class Outbox {
  readonly #limit: number
  #waiting: Waiting[] = []
  #send: ((text: string) => void) | undefined

  /** @param limit how many messages may wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  get isOpen(): boolean {
    return this.#send !== undefined
  }

  /** @returns `false` if too many wait already */
  put(text: string, ref?: string): boolean {
    if (this.#send) {
      this.#send(text)
      return true
    }
    if (this.#waiting.length >= this.#limit) return false
    this.#waiting.push({text, ref})
    return true
  }

  /** Nobody waits for the answer any longer: what has not gone out is not sent. */
  drop(ref: string): void {
    this.#waiting = this.#waiting.filter(one => one.ref !== ref)
  }

  open(send: (text: string) => void): void {
    this.#send = send
    for (const {text} of this.#waiting.splice(0)) send(text)
  }
}
