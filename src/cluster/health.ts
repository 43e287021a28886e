import {asBusError, BusError, inTime} from '../rooms/bus.js'

export interface HealthOptions {
  /** Asks the server whether it is there. */
  readonly probe: () => Promise<unknown>
  /** Makes good what a new connection lacks: subscriptions, leases. Asked before `up()`. */
  readonly restore: () => Promise<unknown>
  readonly up: () => void
  readonly down: (error: Error) => void
}

/** Milliseconds between two questions. */
const pace = 1_000

/**
 * Whether a server is there: down when it is lost or does not answer, up when it answers and what a connection
 * needs is restored. While it is not up nothing is sent but the question, so that nothing piles up for one that hangs.
 */
export class Health {
  readonly #options: HealthOptions
  /** `undefined` until the first answer, or the first silence. */
  #isUp: boolean | undefined
  #isAsking = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: HealthOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#isUp === true
  }

  /** Asks from now on; a client that has connected before that says so with `check()`. */
  begin(): void {
    this.#timer = setInterval(() => this.check(), pace)
    // Whether the process lives is for its server to say.
    this.#timer.unref()
  }

  /** Asks now: the client says that it has connected. */
  check(): void {
    if (!this.#isAsking && !this.#ended) void this.#ask()
  }

  /** The client has lost its connection, or a command was not answered in time. */
  lost(error: unknown): void {
    if (this.#isUp === false || this.#ended) return
    this.#isUp = false
    this.#options.down(asBusError(error, 'the bus'))
  }

  /** @throws BusError at once while it is down; if the server is too slow, which ends its being up; or if it refuses */
  async ask<T>(command: () => Promise<T>, what: string): Promise<T> {
    if (!this.#isUp) throw new BusError(`${what}: the bus is down`)
    return this.#inTime(command, what)
  }

  end(): void {
    this.#ended = true
    this.#isUp = false
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    const {probe, restore, up} = this.#options
    try {
      await this.#inTime(probe, 'ping')
      if (this.#isUp) return
      await this.#inTime(restore, 'restore')
      if (this.#ended) return
      this.#isUp = true
      up()
    } catch (error) {
      this.lost(error)
    } finally {
      this.#isAsking = false
    }
  }

  async #inTime<T>(command: () => Promise<T>, what: string): Promise<T> {
    try {
      return await inTime(command(), what)
    } catch (error) {
      // A refusal is an answer; silence is none.
      if (error instanceof BusError && error.cause === undefined) this.lost(error)
      throw error
    }
  }
}
