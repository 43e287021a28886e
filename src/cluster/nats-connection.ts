/** What is needed of a connection of `@nats-io/transport-node` 3. */
export interface NatsConnection {
  /** `undefined` while there is no server. */
  readonly info?: {readonly max_payload: number} | undefined
  publish(subject: string, payload: Uint8Array): void
  subscribe(
    subject: string,
    options: {callback(error: Error | null, message: {readonly data: Uint8Array}): void},
  ): NatsSubscription
  /** Resolves when the server has read all that was sent before. */
  flush(): Promise<void>
  status(): AsyncIterable<{readonly type: string; readonly error?: Error}>
  /** Resolves when nothing can revive it any more. */
  closed(): Promise<void | Error>
  isClosed(): boolean
  close(): Promise<void>
}

export interface NatsSubscription {
  unsubscribe(): void
}

/** Where a link has its connection from. */
export interface NatsSource {
  /**
   * @param taken called with a connection, and with the next one after the first is `closed()`, if there ever is one
   * @param failed called for every attempt in vain
   */
  open(taken: (connection: NatsConnection) => void, failed: (error: unknown) => void): void
  /** The connection is of no use any more. */
  close(): Promise<void>
}

/** A user's connection: it is theirs to make, and to close. */
export function givenSource(connection: NatsConnection): NatsSource {
  return {open: taken => taken(connection), close: async () => undefined}
}

/** Milliseconds between two attempts. */
const pace = 500

/**
 * A connection of our own. The library's `waitOnFirstConnect` would wait for a server as well, but what waits cannot be
 * given up there.
 */
export class DialledSource implements NatsSource {
  readonly #connect: () => Promise<NatsConnection>
  #connection: NatsConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(connect: () => Promise<NatsConnection>) {
    this.#connect = connect
  }

  open(taken: (connection: NatsConnection) => void, failed: (error: unknown) => void): void {
    void this.#dial(taken, failed)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#connection?.close()
  }

  async #dial(taken: (connection: NatsConnection) => void, failed: (error: unknown) => void): Promise<void> {
    try {
      const connection = await this.#connect()
      if (this.#isClosed) return await connection.close()
      this.#connection = connection
      taken(connection)
      await connection.closed()
    } catch (error) {
      if (!this.#isClosed) failed(error)
    }
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#dial(taken, failed), pace * (0.8 + Math.random() * 0.2))
    this.#timer.unref()
  }
}
