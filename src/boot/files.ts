import {existsSync, readdirSync, statSync} from 'node:fs'
import {basename, extname, join, relative, sep} from 'node:path'

const code = /\.(?:[cm]?ts|[cm]?js)$/
const notCode = /(?:\.d\.[cm]?ts|\.(?:test|spec)\.[cm]?[jt]s)$/

/** Whether a file of this name is code of an app, and no declaration or test. */
export function isCode(name: string): boolean {
  return code.test(name) && !notCode.test(name)
}

/** The folders an app is laid out in: its own, and `web/` as CandyPack has it. */
export function roots(dir: string): string[] {
  return [dir, join(dir, 'web')].filter(isFolder)
}

/**
 * Code files in a folder of each root, sorted; `deep` also looks into folders of it. Declarations and tests are
 * left out, and of `room.ts` and `room.js` side by side the source is taken.
 */
export function codeFiles(dir: string, folder: string, deep: boolean): string[] {
  return roots(dir).flatMap(root => {
    const at = join(root, folder)
    if (!isFolder(at)) return []
    const names = readdirSync(at, {recursive: deep, withFileTypes: true})
      .filter(entry => entry.isFile() && isCode(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .filter(file => !relative(at, file).split(sep).includes('node_modules'))
      .toSorted()
    return names.filter(file => !hasSource(file, names))
  })
}

function hasSource(file: string, names: readonly string[]): boolean {
  const extension = extname(file)
  return extension.endsWith('js') && names.includes(file.replace(/js$/, 'ts'))
}

/** `middleware/rate-limit.ts` is `rate-limit`. */
export function stem(file: string): string {
  return basename(file, extname(file))
}

export function isFolder(path: string): boolean {
  // It may go between the two questions.
  return existsSync(path) && (statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false)
}
