import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

const parent = join(import.meta.dirname, '../.tmp')
const made: string[] = []

/** Writes an app folder; it lies inside the package, so that its files can import `candy-ws`. */
export function appFolder(files: Readonly<Record<string, string>>): string {
  mkdirSync(parent, {recursive: true})
  const dir = mkdtempSync(join(parent, 'app-'))
  made.push(dir)
  for (const [name, text] of Object.entries(files)) {
    const file = join(dir, name)
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, text)
  }
  return dir
}

/** For afterEach or afterAll. */
export function removeAppFolders(): void {
  for (const dir of made.splice(0)) rmSync(dir, {recursive: true, force: true})
}
