import cluster, {type Worker} from 'node:cluster'
import {lifelineFd} from '../boot/lifeline.js'
import type {Limit} from '../limits.js'
import {maxInt32} from '../options.js'
import {closeUnheard} from './hand-over.js'
import {failed, reportOf, type Boot, type Order, type Outcome, type Serving} from './message.js'

/** Milliseconds after the drain in which what the app made may be disposed of. */
const graceMs = 5_000

/** A worker, as the primary sees it. */
export class WorkerProcess {
  /** Resolves when it has ended, to how: `exit code 1`. */
  readonly exited: Promise<string>
  readonly #worker: Worker
  #serving: Serving | undefined
  #isEnding = false

  /**
   * @param hear is given what it sends that is no report
   * @param left is called when the last of that has been heard
   */
  constructor(hear: (message: unknown) => void, left: () => void) {
    this.#worker = cluster.fork()
    closeUnheard(this.#worker)
    // It breaks when the worker is killed, which `exited` tells.
    this.#worker.process.stdio[lifelineFd]?.on('error', () => undefined)
    this.#worker.on('message', (message: unknown) => {
      if (!reportOf(message)) hear(message)
    })
    this.#worker.once('disconnect', left)
    this.exited = new Promise(resolve => {
      this.#worker.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
      // It could not be started, or not be told something: its end is what counts.
      this.#worker.on('error', error => this.pid === undefined && resolve(error.message))
    })
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** Whether its end was asked for. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Loads the app and serves it. @param within milliseconds after which it is given up */
  async boot(boot: Boot, within: Limit): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined
    const outcome = await new Promise<Outcome>(resolve => {
      this.#worker.on('message', (message: unknown) => {
        const report = reportOf(message)
        if (report?.report === 'ready') this.#order({candy: 'workers', order: 'boot', boot})
        else if (report) resolve(report)
      })
      void this.exited.then(how => resolve(failed(`the app ended while it was loaded, with ${how}`)))
      if (within !== 'off')
        timer = setTimeout(() => resolve(failed(`the app was not there after ${within} ms`)), within)
    })
    clearTimeout(timer)
    if (outcome.report === 'serving') this.#serving = outcome
    else this.kill()
    return outcome
  }

  /** Ends it, as another has its place; resolves when it has ended. */
  giveWay(): Promise<void> {
    return this.#end('giveWay')
  }

  /** Drains and ends it; it is killed if it does not serve yet. */
  async close(): Promise<void> {
    if (this.#serving) return this.#end('close')
    this.kill()
    await this.exited
  }

  kill(): void {
    this.#isEnding = true
    this.#worker.process.kill('SIGKILL')
  }

  /** @param done is called when it is on its way, or cannot be sent */
  send(message: object, done: (error: Error | null) => void): void {
    if (this.#worker.isConnected()) this.#worker.send(message, undefined, done)
    else done(new Error('the worker has ended'))
  }

  async #end(order: 'giveWay' | 'close'): Promise<void> {
    this.#isEnding = true
    this.#order({candy: 'workers', order})
    const {drainTimeout = 0} = this.#serving ?? {}
    const timer =
      drainTimeout === 'off'
        ? undefined
        : setTimeout(() => this.kill(), Math.min(drainTimeout + graceMs, maxInt32))
    await this.exited
    clearTimeout(timer)
  }

  /** To a worker that has just ended it goes nowhere, and `exited` tells. */
  #order(order: Order): void {
    this.send(order, () => undefined)
  }
}
