import {readdirSync, realpathSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {isFolder} from '../boot/files.js'
import type {Watched} from './watched.js'

/** Tells by the disk itself which files have changed: what differs whenever a file is written is known of each. */
export class Stamps {
  readonly #dir: string
  readonly #watched: Watched
  #known: Map<string, string>

  constructor(dir: string, watched: Watched) {
    this.#dir = dir
    this.#watched = watched
    this.#known = this.#read()
  }

  /** Takes a file as it is now for known. */
  know(file: string): void {
    const stamp = stampOf(file)
    if (stamp === undefined) this.#known.delete(file)
    else this.#known.set(file, stamp)
  }

  /** Files that are not as they are known: written, new, or gone. */
  changed(): string[] {
    const now = this.#read()
    return [...new Set([...this.#known.keys(), ...now.keys()])].filter(
      file => this.#known.get(file) !== now.get(file),
    )
  }

  #read(): Map<string, string> {
    const stamps = new Map<string, string>()
    const seen = new Set<string>()
    const read = (folder: string) => {
      for (const name of namesIn(folder, seen)) {
        const path = join(folder, name)
        const stamp = this.#watched.hasFile(path) ? stampOf(path) : undefined
        if (stamp !== undefined) stamps.set(path, stamp)
        else if (this.#watched.hasFolder(path) && isFolder(path)) read(path)
      }
    }
    read(this.#dir)
    return stamps
  }
}

/** None if it has been seen before, by a link, or goes while it is read. */
function namesIn(folder: string, seen: Set<string>): string[] {
  try {
    const real = realpathSync(folder)
    const names = seen.has(real) ? [] : readdirSync(folder)
    seen.add(real)
    return names
  } catch {
    return []
  }
}

function stampOf(file: string): string | undefined {
  const stats = statSync(file, {bigint: true, throwIfNoEntry: false})
  return stats?.isFile() ? `${stats.ino} ${stats.size} ${stats.mtimeNs}` : undefined
}
