import type {Limit} from '../limits.js'
import type {LogFields, Logger} from '../log.js'
import {failed, type Failed, type Outcome} from './message.js'
import type {WorkerProcess} from './worker-process.js'

export interface PlaceParts {
  readonly log: Logger
  readonly fork: () => WorkerProcess
  /** Boots a worker, and says what it says. */
  readonly boot: (worker: WorkerProcess, within: Limit) => Promise<Outcome>
}

/** Milliseconds in which a new version, or one in the place of a dead one, has to accept connections. */
const bootMs = 60_000

/** Milliseconds that a worker has to live for its end to be no reason to wait. */
const steadyMs = 10_000

/** Milliseconds between two starts, where the first of them has not helped; doubled each time. */
const firstPause = 500
const longestPause = 30_000

/** The place of one worker: whoever ends there by himself is replaced, and gives way when he is renewed. */
export class Place {
  readonly #parts: PlaceParts
  #serving: WorkerProcess | undefined
  #since = 0
  /** Workers in a row that did not live long. */
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  /** Only one worker boots here at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #hasEnded = false

  constructor(parts: PlaceParts) {
    this.#parts = parts
  }

  /** Its first worker. What fails is not tried again. */
  open(): Promise<Outcome> {
    return this.#inTurn(() => this.#take('off'))
  }

  /** A new worker in the place of the one there is; if it does not come to serve, that one goes on. */
  renew(): Promise<Outcome> {
    return this.#inTurn(async () => {
      const before = this.#serving
      const report = await this.#take(bootMs)
      if (report.report === 'serving') await before?.giveWay()
      else if (!this.#serving) this.#later()
      return report
    })
  }

  /** Nobody is replaced any more. */
  end(): void {
    this.#hasEnded = true
    clearTimeout(this.#timer)
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #take(within: Limit): Promise<Outcome> {
    clearTimeout(this.#timer)
    if (this.#hasEnded) return failed('the workers are ended')
    const worker = this.#parts.fork()
    const report = await this.#parts.boot(worker, within)
    if (report.report !== 'serving' || this.#hasEnded) return report
    this.#serving = worker
    this.#since = performance.now()
    void worker.exited.then(how => this.#lost(worker, how))
    return report
  }

  #lost(worker: WorkerProcess, how: string): void {
    if (this.#serving === worker) this.#serving = undefined
    if (worker.isEnding || this.#hasEnded) return
    const seconds = (performance.now() - this.#since) / 1_000
    if (seconds * 1_000 >= steadyMs) this.#failures = 0
    const again = this.#later()
    this.#parts.log.error(
      {event: 'worker.exit', pid: worker.pid, how, seconds, again},
      'a worker ended by itself, and is replaced',
    )
  }

  /** @returns in how many milliseconds the next one is started */
  #later(): number {
    const pause = this.#failures === 0 ? 0 : Math.min(firstPause * 2 ** (this.#failures - 1), longestPause)
    this.#failures += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#inTurn(() => this.#fill()), pause)
    return pause
  }

  /** Unless somebody has taken it meanwhile. */
  async #fill(): Promise<void> {
    if (this.#serving || this.#hasEnded) return
    const report = await this.#take(bootMs)
    if (report.report === 'serving' || this.#hasEnded) return
    const fields = {event: 'worker.failed', again: this.#later()}
    logFaults(this.#parts.log, report, fields, 'a worker does not come to serve')
  }
}

/** More are told by `candy check`. */
const toldAtMost = 20

export function logFaults(log: Logger, {faults}: Failed, fields: LogFields, message: string): void {
  for (const fault of faults.slice(0, toldAtMost)) log.error({...fields, ...fault}, message)
}
