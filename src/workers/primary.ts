import cluster from 'node:cluster'
import {randomBytes} from 'node:crypto'
import {fileURLToPath} from 'node:url'
import type {Limit} from '../limits.js'
import {guardLogger} from '../log.js'
import {defaultLogger} from '../telemetry/default-logger.js'
import {failed, type Failed, type Outcome, type Serving} from './message.js'
import {logFaults, Place} from './place.js'
import {Relay} from './relay.js'
import {WorkerProcess} from './worker-process.js'

export interface PrimaryOptions {
  readonly dir: string
  readonly port: number
  readonly host: string
  /** How many workers serve. */
  readonly workers: number
}

/** Serves one app on one port by several processes. It serves nothing itself, and runs nothing of the app's. */
export class Primary {
  readonly #options: PrimaryOptions
  readonly #log = guardLogger(defaultLogger())
  readonly #processes = new Set<WorkerProcess>()
  readonly #places: readonly Place[]
  readonly #relay = new Relay()
  readonly #secret = randomBytes(32).toString('base64url')
  #isSecretSaid = false
  #url: string | undefined
  /** To ask for: 0 as long as that gives the one that is served. */
  #port: number
  #remarks = ''
  #isBusy = true
  /** Whether it was asked for a restart while it was busy. */
  #isAskedAgain = false
  #hasEnded = false

  constructor(options: PrimaryOptions) {
    this.#options = options
    this.#port = options.port
    const parts = {log: this.#log, fork: this.#fork.bind(this), boot: this.#boot.bind(this)}
    this.#places = Array.from({length: options.workers}, () => new Place(parts))
  }

  /** Resolves to the URL, once all workers accept connections. @throws WorkersError if one does not */
  async start(): Promise<string> {
    // The primary accepts, and gives to each in turn: left to the system, one worker would get most.
    cluster.schedulingPolicy = cluster.SCHED_RR
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] as const
    cluster.setupPrimary({
      exec: fileURLToPath(new URL('worker.js', import.meta.url)),
      serialization: 'advanced',
      stdio: [...stdio],
    })
    try {
      const [first] = await Promise.all(this.#places.map(async place => served(await place.open())))
      this.#url = first!.url
      this.#idle()
      return this.#url
    } catch (error) {
      this.#endPlaces()
      for (const process of this.#processes) process.kill()
      await this.#gone()
      throw error
    }
  }

  /** Renews all workers, one after the other, so that what is on the disk now is served. */
  restart(): void {
    if (this.#isBusy) this.#isAskedAgain = true
    else void this.#round()
  }

  /** Drains all workers; resolves when they are gone. */
  async end(): Promise<void> {
    this.#endPlaces()
    for (const process of this.#processes) void process.close()
    await this.#gone()
  }

  async #round(): Promise<void> {
    this.#isBusy = true
    const begun = performance.now()
    this.#log.info({event: 'restart.begin', workers: this.#places.length}, 'the workers are renewed')
    for (const place of this.#places) {
      const report = this.#hasEnded ? undefined : await place.renew()
      if (this.#hasEnded) return
      if (report?.report === 'failed') {
        const message = 'the new version does not come to serve: the one before goes on'
        logFaults(this.#log, report, {event: 'restart.failed'}, message)
        return this.#idle()
      }
    }
    const seconds = (performance.now() - begun) / 1_000
    this.#log.info({event: 'restart.end', seconds}, 'the workers are new')
    this.#idle()
  }

  #idle(): void {
    this.#isBusy = false
    if (!this.#isAskedAgain) return
    this.#isAskedAgain = false
    void this.#round()
  }

  #endPlaces(): void {
    this.#hasEnded = true
    for (const place of this.#places) place.end()
  }

  async #gone(): Promise<void> {
    await Promise.all([...this.#processes].map(({exited}) => exited))
  }

  #fork(): WorkerProcess {
    const worker: WorkerProcess = new WorkerProcess(
      message => this.#relay.hear(worker, message),
      () => this.#relay.left(worker),
    )
    this.#processes.add(worker)
    void worker.exited.then(() => this.#processes.delete(worker))
    return worker
  }

  async #boot(worker: WorkerProcess, within: Limit): Promise<Outcome> {
    const {dir, host} = this.#options
    const boot = {dir, port: this.#port, host, secret: this.#secret, isSecretSaid: this.#isSecretSaid}
    this.#isSecretSaid = true
    const outcome = this.#onItsPort(worker, await worker.boot(boot, within))
    if (outcome.report === 'serving') this.#remark(outcome)
    return outcome
  }

  /** The port that 0 has given is let go when all workers end at once: then it is asked for by its number. */
  #onItsPort(worker: WorkerProcess, outcome: Outcome): Outcome {
    if (this.#url === undefined || this.#options.port !== 0) return outcome
    if (outcome.report === 'failed') {
      // As long as another worker has it by 0, it is to be had by 0 only.
      if (outcome.address) this.#port = 0
      return outcome
    }
    if (outcome.url === this.#url) return outcome
    worker.kill()
    this.#port = Number(new URL(this.#url).port)
    return failed(`it listened on ${outcome.url}, and not on ${this.#url}`)
  }

  /** Once, and not for each worker. */
  #remark({remarks}: Serving): void {
    const text = remarks.map(remark => `${remark}\n`).join('')
    if (text !== this.#remarks) process.stderr.write(text)
    this.#remarks = text
  }
}

/** Why workers do not come to serve; `code` if it is for the address. */
class WorkersError extends Error {
  override readonly name = 'WorkersError'
  readonly code: string | undefined

  constructor({fault, address}: Failed) {
    super(address?.message ?? fault)
    this.code = address?.code
    // The worker's own; where the primary heard of it helps nobody.
    this.stack = fault
  }
}

function served(report: Outcome): Serving {
  if (report.report === 'failed') throw new WorkersError(report)
  return report
}
