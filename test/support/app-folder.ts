import {createApp, type App, type AppOptions} from 'candy-ws'
import {existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {memoryLogger} from './log.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const parent = join(repository, 'test', '.tmp')

/** Files by path; an object is written as JSON. */
export type Files = Readonly<Record<string, string | object>>

/** Writes an app folder, which lasts as long as the test. */
export function appFolder(files: Files): string {
  linkPackage()
  const dir = mkdtempSync(join(parent, 'app-'))
  onTestFinished(() => rmSync(dir, {recursive: true, force: true}))
  writeFiles(dir, files)
  return dir
}

/** So that the files of every app find `candy-ws` as an installed one, whatever package.json is theirs. */
function linkPackage(): void {
  const link = join(parent, 'node_modules', 'candy-ws')
  mkdirSync(dirname(link), {recursive: true})
  try {
    symlinkSync(repository, link, 'dir')
  } catch (error) {
    if (!existsSync(link)) throw error
  }
}

export function writeFiles(dir: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(dir, path)
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

/** Loads an app from its folder; it closes with the test, before the folder goes. */
export async function loadApp(dir: string, options: Omit<AppOptions, 'dir'> = {}): Promise<App> {
  const app = await createApp({logger: memoryLogger(), ...options, dir})
  onTestFinished(() => app.close({drain: 1_000}))
  return app
}

/** An app of these files. */
export function appOf(files: Files, options: Omit<AppOptions, 'dir'> = {}): Promise<App> {
  return loadApp(appFolder(files), options)
}
