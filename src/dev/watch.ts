import {EventEmitter, once} from 'node:events'
import {join} from 'node:path'
import {watch, type FSWatcher} from 'chokidar'
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

/** Tells what changes in an app folder. */
export class Watch {
  readonly #watcher: FSWatcher
  readonly #ready: Promise<unknown>
  readonly #told = new EventEmitter<{event: []; quiet: []}>()
  #files = new Set<string>()
  #since = 0
  #timer: NodeJS.Timeout | undefined

  /** @param failed hears what keeps changes from being seen */
  constructor(dir: string, watched: Watched, failed: (error: unknown) => void) {
    this.#watcher = watch(dir, {
      ignoreInitial: true,
      // It would hold deletions back for 100 ms, to tell a file that is replaced from one that is gone: we need not know.
      atomic: false,
      ignored: (path, stats) => (stats?.isFile() ? !watched.hasFile(path) : !watched.hasFolder(path)),
    })
    this.#watcher.on('all', (event, path) => {
      // Files that come with a folder may be there before it is watched.
      if (event === 'addDir' || watched.hasFile(path)) this.#heard(path)
    })
    // What the system tells of a folder's files, before chokidar makes sense of it: it misses what follows too fast.
    this.#watcher.on('raw', (_, name, details) => {
      const {watchedPath} = details as {watchedPath: string}
      const path = [watchedPath, join(watchedPath, name ?? '')].find(path => watched.hasFile(path))
      if (path) this.#heard(path)
    })
    this.#watcher.on('error', failed)
    this.#ready = once(this.#watcher, 'ready')
  }

  /** Resolves once nothing can change unheard. */
  async ready(): Promise<void> {
    await this.#ready
  }

  /** Resolves at the next event. */
  async stirred(): Promise<void> {
    await once(this.#told, 'event')
  }

  /** Resolves once something has changed that was not taken, and all is quiet. */
  async settled(): Promise<void> {
    if (this.#timer || this.#files.size === 0) await once(this.#told, 'quiet')
  }

  /** What has changed since it was last taken. */
  take(): Change {
    const change = {files: this.#files, since: this.#since}
    this.#files = new Set()
    return change
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#watcher.close()
  }

  #heard(file: string): void {
    if (this.#files.size === 0) this.#since = performance.now()
    this.#files.add(file)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#told.emit('quiet')
    }, quietMs)
    this.#told.emit('event')
  }
}
