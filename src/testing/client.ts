export interface Closed {
  readonly code: number
  readonly reason: string
}

/** The far end of a test client: a real socket, or a connection without one. */
export interface Wire {
  send(data: string | Buffer): void
  close(code: number | undefined, reason: string | undefined): void
  terminate(): void
}

interface Waiter {
  readonly resolve: (message: unknown) => void
  readonly reject: (error: Error) => void
}

/** How long `next()` waits by default, in milliseconds. */
const patience = 2_000

/** A client whose messages are awaited one by one, so that a test reads from top to bottom. */
export class TestClient {
  /** Resolves when the connection ends, with what the client saw. */
  readonly closed: Promise<Closed>
  /** The selected subprotocol. */
  readonly protocol: string

  readonly #wire: Wire
  readonly #waiting: Waiter[] = []
  readonly #messages: unknown[] = []
  #end: Closed | undefined
  #tellClosed!: (closed: Closed) => void

  /** @internal */
  constructor(wire: Wire, protocol: string) {
    this.#wire = wire
    this.protocol = protocol
    this.closed = new Promise(resolve => (this.#tellClosed = resolve))
  }

  /**
   * The next message, in order: JSON parsed if it is JSON, bytes as a Buffer.
   *
   * @param timeout milliseconds; default 2,000. Rejects then, or when the connection has ended.
   */
  next<T = unknown>(timeout = patience): Promise<T> {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift() as T)
    if (this.#end) return Promise.reject(endedBefore(this.#end))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(new Error(`no message came within ${timeout} ms`))
      }, timeout)
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          settle(value)
        }
      const waiter: Waiter = {resolve: done(resolve as (message: unknown) => void), reject: done(reject)}
      this.#waiting.push(waiter)
    })
  }

  /** The next `count` messages. */
  async take(count: number, timeout = patience): Promise<unknown[]> {
    const messages: unknown[] = []
    while (messages.length < count) messages.push(await this.next(timeout))
    return messages
  }

  /** What has come and was not awaited yet. */
  get pending(): readonly unknown[] {
    return this.#messages
  }

  /** Sends: objects as JSON, text and bytes as they are. */
  send(data: unknown): void {
    this.#wire.send(typeof data === 'string' || Buffer.isBuffer(data) ? data : JSON.stringify(data))
  }

  /** Closes; resolves to what the client saw. */
  close(code?: number, reason?: string): Promise<Closed> {
    this.#wire.close(code, reason)
    return this.closed
  }

  /** Drops the connection without a closing handshake. */
  terminate(): Promise<Closed> {
    this.#wire.terminate()
    return this.closed
  }

  /** @internal */
  receive(data: Buffer, binary: boolean): void {
    const message = binary ? data : parse(data.toString())
    const waiter = this.#waiting.shift()
    if (waiter) waiter.resolve(message)
    else this.#messages.push(message)
  }

  /** @internal */
  end(closed: Closed): void {
    this.#end = closed
    for (const waiter of this.#waiting.splice(0)) waiter.reject(endedBefore(closed))
    this.#tellClosed(closed)
  }
}

function endedBefore({code, reason}: Closed): Error {
  return new Error(`the connection closed with ${code}${reason && ` ${reason}`} before a message came`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
