import {resolve} from 'node:path'
import {AppProcess} from './app-process.js'
import {Door} from './door.js'
import {tellCrash, tellFault, tellReload, tellUnwatched} from './tell.js'
import {Watch, type Change} from './watch.js'
import {Watched} from './watched.js'

/** Editors that format what they save write twice in a row, faster than a process makes itself ready. */
const standbys = 2

/**
 * Serves what is on the disk. Processes stand by that have loaded all but the app; at a change one boots, while the
 * version before still serves. If it boots, it is given the connections from then on and the old version is closed; if
 * not, the old version goes on. A boot during which something changes is given up, and the next one begins.
 */
export class Supervisor {
  readonly #dir: string
  readonly #watched: Watched
  readonly #watch: Watch
  readonly #door = new Door()
  readonly #processes = new Set<AppProcess>()
  #standbys: AppProcess[] = []
  #serving: AppProcess | undefined
  /** Whether what serves is the page alone. */
  #standsIn = false
  /** Changes whose boot was given up. */
  #stale: readonly Change[] = []
  #remarks = ''
  #onServing: (() => void) | undefined
  #hasEnded = false

  constructor(dir: string) {
    this.#dir = resolve(dir)
    this.#watched = new Watched(this.#dir)
    this.#watch = new Watch(this.#dir, this.#watched, tellUnwatched)
  }

  /** Takes the port; resolves to the URL. Rejects with one clear line if it is in use. */
  open(port: number, host: string): Promise<string> {
    return this.#door.open(port, host)
  }

  /** Serves until `end()`. @param onServing is called when the first version serves, or what stands in for it */
  async run(onServing: () => void): Promise<void> {
    this.#onServing = onServing
    this.#standbys = [this.#fork()]
    await this.#watch.ready()
    await this.#renew({files: new Set(), since: performance.now()})
    while (!this.#hasEnded) await this.#next()
  }

  /** Closes what serves and leaves no process behind. */
  async end(): Promise<void> {
    this.#hasEnded = true
    this.#door.close()
    await this.#watch.close()
    await Promise.all([...this.#processes].map(process => process.end()))
  }

  async #next(): Promise<void> {
    const crash = this.#serving ? [this.#serving.exited] : []
    await Promise.race([this.#watch.settled(), ...crash])
    if (this.#hasEnded) return
    if (this.#serving?.hasEnded) return this.#crashed(await this.#serving.exited)
    await this.#renew(this.#watch.take())
  }

  /** Boots what is on the disk now. */
  async #renew(change: Change): Promise<void> {
    const changes = [...this.#stale, change]
    const files = new Set(changes.flatMap(({files}) => [...files]))
    const candidate = this.#takeStandby(files)
    const report = await Promise.race([candidate.boot(), this.#watch.stirred()])
    if (this.#hasEnded) return
    this.#stale = report ? [] : changes
    if (report?.candy !== 'booted') void candidate.end()
    if (report?.candy === 'failed') await this.#faulty(report.fault)
    if (report?.candy === 'booted') {
      this.#turnTo(candidate)
      this.#remark(report.remarks)
      const names = [...files].map(file => this.#watched.show(file))
      if (names.length > 0) tellReload(names, changes[0]!.since)
    }
    this.#fill()
  }

  /** The version before goes on; if there is none, the page alone is served, which tells the fault. */
  async #faulty(fault: string): Promise<void> {
    const serving = this.#serving?.hasEnded ? undefined : this.#serving
    tellFault(fault, serving !== undefined && !this.#standsIn)
    if (serving) serving.tell(fault)
    else await this.#standIn(fault)
  }

  /** Its own code ended it. */
  async #crashed(how: string): Promise<void> {
    this.#serving = undefined
    this.#door.turn(undefined)
    await this.#standIn(tellCrash(how))
    this.#fill()
  }

  async #standIn(fault: string): Promise<void> {
    const process = this.#takeStandby()
    const report = await process.standIn(fault)
    if (this.#hasEnded) return
    if (report.candy === 'booted') return this.#turnTo(process, true)
    // Whoever connects waits for the next save.
    void process.end()
    tellFault(report.fault, false)
  }

  #turnTo(process: AppProcess, standsIn = false): void {
    this.#standsIn = standsIn
    this.#door.turn(socket => process.give(socket))
    void this.#serving?.end()
    this.#serving = process
    this.#onServing?.()
    this.#onServing = undefined
  }

  /** A process that has read other settings, or has not survived the wait, is of no use. */
  #takeStandby(files: ReadonlySet<string> = new Set()): AppProcess {
    if ([...files].some(file => this.#watched.isSettings(file)))
      for (const stale of this.#standbys.splice(0)) void stale.end()
    const standbys = this.#standbys.filter(standby => !standby.hasEnded)
    const [next = this.#fork(), ...rest] = standbys
    this.#standbys = rest
    return next
  }

  #fill(): void {
    while (!this.#hasEnded && this.#standbys.length < standbys) this.#standbys.push(this.#fork())
  }

  #fork(): AppProcess {
    const process = new AppProcess(this.#dir)
    this.#processes.add(process)
    void process.exited.then(() => this.#processes.delete(process))
    return process
  }

  /** Once, and not at each reload. */
  #remark(remarks: readonly string[]): void {
    const text = remarks.map(remark => `${remark}\n`).join('')
    if (text !== this.#remarks) process.stderr.write(text)
    this.#remarks = text
  }
}
