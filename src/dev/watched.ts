import {readdirSync, readFileSync} from 'node:fs'
import {basename, join, relative, resolve, sep} from 'node:path'
import {isCode} from '../boot/files.js'

/** What settles how code is read: a process that has begun to read the old one is of no use. */
const settings = /^(?:package|tsconfig(?:\..+)?)\.json$/

/** Folders of the app folder itself that hold no code of the app, wherever the build may be told to write. */
const foreign = ['dist', 'build', 'coverage', 'test', 'tests', 'public', join('web', 'public')]

/**
 * What `candy dev` watches: code, `package.json`, `tsconfig*.json` and `candy.config.json`, in the app folder and below.
 * Not: `node_modules` and folders that begin with a dot; `public/`, whose files are read at each request; what a build
 * writes and tests; `*.d.ts`, `*.test.*`, and whatever an editor puts beside a file while it saves.
 */
export class Watched {
  readonly #dir: string
  readonly #foreign: readonly string[]

  constructor(dir: string) {
    this.#dir = dir
    this.#foreign = [...foreign, ...buildFolders(dir)]
  }

  /** Whether anything in a folder may count. */
  hasFolder(path: string): boolean {
    const inside = this.show(path)
    if (this.#foreign.some(folder => `${inside}${sep}`.startsWith(`${folder}${sep}`))) return false
    return inside.split(sep).every(name => !name.startsWith('.') && name !== 'node_modules')
  }

  /** Whether a change of a file counts. */
  hasFile(path: string): boolean {
    const name = basename(path)
    return this.hasFolder(path) && (isCode(name) || settings.test(name) || name === 'candy.config.json')
  }

  isSettings(path: string): boolean {
    return settings.test(basename(path))
  }

  /** A path as its author knows it. */
  show(path: string): string {
    return relative(this.#dir, path)
  }
}

/** Where the tsconfigs of the app folder let the compiler write, inside it. */
function buildFolders(dir: string): string[] {
  return readdirSync(dir)
    .filter(name => /^tsconfig.*\.json$/.test(name))
    .map(name => readFileSync(join(dir, name), 'utf8'))
    .flatMap(text => Array.from(text.matchAll(/"(?:outDir|declarationDir)"\s*:\s*"([^"]*)"/g)))
    .map(([, folder]) => relative(dir, resolve(dir, folder!)))
    .filter(folder => folder !== '' && !folder.startsWith('..'))
}
