import {EventEmitter, once} from 'node:events'
import {join} from 'node:path'
import {watch, type FSWatcher} from 'chokidar'
import {isFolder} from '../boot/files.js'
import {Stamps} from './stamps.js'
import type {Watched} from './watched.js'

/**
 * Milliseconds without an event, after which what has changed is taken to be whole. Chokidar keeps silent of a file for
 * 50 after it has told of it: what it swallows has then happened before the app is read.
 */
const quietMs = 60

export interface Change {
  readonly files: ReadonlySet<string>
  /** When the first of them was heard of, on the clock of `performance.now()`. */
  readonly since: number
}

/** Tells which files change in an app folder, and misses none. */
export class Watch {
  readonly #dir: string
  readonly #watched: Watched
  readonly #failed: (error: unknown) => void
  readonly #told = new EventEmitter<{event: []; quiet: []}>()
  readonly #stamps: Stamps
  #watcher: FSWatcher
  #folders: ReadonlySet<string> = new Set()
  #files = new Set<string>()
  #since = 0
  #quiet: NodeJS.Timeout | undefined
  #renewal: NodeJS.Timeout | undefined
  #hasEnded = false

  /** @param failed hears what keeps changes from being seen */
  constructor(dir: string, watched: Watched, failed: (error: unknown) => void) {
    this.#dir = dir
    this.#watched = watched
    this.#failed = failed
    this.#stamps = new Stamps(dir, watched)
    this.#watcher = this.#begin()
  }

  /** Resolves once nothing can change unheard. */
  async ready(): Promise<void> {
    // Not by `once()`, which an error before it would reject: that is told, and what can be watched is.
    await new Promise<void>(resolve => this.#watcher.once('ready', resolve))
    this.#folders = new Set(Object.keys(this.#watcher.getWatched()))
    for (const file of this.#stamps.changed()) this.#heard(file)
  }

  /** Resolves at the next event. */
  async stirred(): Promise<void> {
    await once(this.#told, 'event')
  }

  /** Resolves once something has changed that was not taken, and all is quiet. */
  async settled(): Promise<void> {
    if (this.#quiet || this.#files.size === 0) await once(this.#told, 'quiet')
  }

  /** What has changed since it was last taken. */
  take(): Change {
    const change = {files: this.#files, since: this.#since}
    this.#files = new Set()
    for (const file of change.files) this.#stamps.know(file)
    return change
  }

  async close(): Promise<void> {
    this.#hasEnded = true
    clearTimeout(this.#quiet)
    clearTimeout(this.#renewal)
    await this.#watcher.close()
  }

  #begin(): FSWatcher {
    const watched = this.#watched
    return watch(this.#dir, {
      ignoreInitial: true,
      // It would hold deletions back for 100 ms, to tell a file that is replaced from one that is gone: we need not know.
      atomic: false,
      ignored: (path, stats) => (stats?.isFile() ? !watched.hasFile(path) : !watched.hasFolder(path)),
    })
      .on('all', (event, path) => {
        if (event === 'addDir' || event === 'unlinkDir') this.#heardFolder()
        else if (watched.hasFile(path)) this.#heard(path)
      })
      .on('raw', (event, name, details) => {
        const {watchedPath} = details as {watchedPath: string}
        this.#heardRaw(event, watchedPath, join(watchedPath, name ?? ''))
      })
      .on('error', this.#failed)
  }

  /** What the system tells, before chokidar makes sense of it: of a file that is watched, or of one in a folder. */
  #heardRaw(event: string, ...paths: readonly [string, string]): void {
    const file = paths.find(path => this.#watched.hasFile(path))
    if (file) return this.#heard(file)
    const path = paths[1]
    if (event === 'rename' && (this.#folders.has(path) || (this.#watched.hasFolder(path) && isFolder(path))))
      this.#heardFolder()
  }

  #heard(file: string): void {
    if (this.#files.size === 0) this.#since = performance.now()
    this.#files.add(file)
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined
      this.#told.emit('quiet')
    }, quietMs)
    this.#told.emit('event')
  }

  /** Chokidar loses a folder that comes and goes fast, and files that come with it. */
  #heardFolder(): void {
    this.#renewal ??= setTimeout(() => void this.#renew(), quietMs)
  }

  /** Watches all anew, and asks the disk what was missed. */
  async #renew(): Promise<void> {
    await this.#watcher.close()
    this.#renewal = undefined
    if (this.#hasEnded) return
    this.#watcher = this.#begin()
    await this.ready()
  }
}
