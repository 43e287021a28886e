import {asBusError, BusError} from '../rooms/bus.js'
import {Deadlines} from './deadlines.js'

export interface HealthOptions {
  /** Asks the server whether it is there. */
  readonly probe: () => Promise<unknown>
  /** Makes good what a new connection lacks: subscriptions, leases. Asked before `up()`. */
  readonly restore: () => Promise<unknown>
  /** `restore` may take longer than one answer may: each of its steps goes through `step()`. */
  readonly restoresInSteps?: boolean
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
  readonly #deadlines = new Deadlines(error => this.lost(error))
  /** `undefined` until the first answer, or the first silence. */
  #isUp: boolean | undefined
  #isAsking = false
  #losses = 0
  /** Somebody has said that it may be there since it was last asked. */
  #again = false
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
    this.#timer = setInterval(() => this.#isAsking || this.check(), pace)
    // Whether the process lives is for its server to say.
    this.#timer.unref()
  }

  /** Asks now: the client says that it has connected. */
  check(): void {
    this.#again = true
    if (!this.#isAsking && !this.#ended) void this.#ask()
  }

  /** The client has lost its connection, or a command was not answered in time. */
  lost(error: unknown): void {
    const reason = asBusError(error, 'the bus')
    // What was sent to it is not answered any more.
    this.#deadlines.refuseAll(reason)
    this.#losses += 1
    if (this.#isUp === false || this.#ended) return
    this.#isUp = false
    this.#options.down(reason)
  }

  /** @throws BusError at once while it is down; if the server is too slow, which ends its being up; or if it refuses */
  ask<T>(command: () => Promise<T>, what: string): Promise<T> {
    if (!this.#isUp) return Promise.reject(new BusError(`${what}: the bus is down`))
    return this.step(command, what)
  }

  /** Like `ask()`, and before it is up as well: for what makes it so. */
  step<T>(command: () => Promise<T>, what: string): Promise<T> {
    try {
      return this.#deadlines.within(command(), what)
    } catch (error) {
      return Promise.reject(asBusError(error, what))
    }
  }

  end(): void {
    this.#ended = true
    this.#isUp = false
    clearInterval(this.#timer)
    this.#deadlines.refuseAll(new BusError('the bus is closed'))
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    try {
      while (this.#again && !this.#ended) {
        this.#again = false
        await this.#once()
      }
    } finally {
      this.#isAsking = false
    }
  }

  async #once(): Promise<void> {
    const {probe, restore, restoresInSteps, up} = this.#options
    const losses = this.#losses
    try {
      await this.step(probe, 'ping')
      if (this.#isUp) return
      await (restoresInSteps ? restore() : this.step(restore, 'restore'))
      // Lost while it was restored, and not by what restores it.
      if (this.#ended || this.#losses > losses) return
      this.#isUp = true
      up()
    } catch (error) {
      this.lost(error)
    }
  }
}
