import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

const parent = join(import.meta.dirname, '..', '.tmp')
const made: string[] = []

/** An app folder of these files, inside the repository so that its files find the package. */
export async function appFolder(files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(parent, {recursive: true})
  const dir = await mkdtemp(join(parent, 'app-'))
  made.push(dir)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), {recursive: true})
    await writeFile(join(dir, name), text)
  }
  return dir
}

/** Removes what a test made. */
export async function removeFolders(): Promise<void> {
  await Promise.all(made.splice(0).map(dir => rm(dir, {recursive: true, force: true})))
}
