import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {asyncapiOf} from '../describe/asyncapi.js'
import type {DescribedRoute, Description} from '../describe/description.js'
import {typesOf} from '../describe/typescript.js'
import {refuseOption} from '../options.js'
import {loadToRead} from './load.js'
import {firstDifference} from './tokens.js'

/** What is written from an app, by the command that writes it. */
export const documents = {
  asyncapi: app => `${JSON.stringify(asyncapiOf(app), null, 2)}\n`,
  types: typesOf,
} as const satisfies Record<string, (app: Description) => string>

interface DocumentFlags {
  /** Writes the file, instead of stdout. */
  readonly out?: string | undefined
  /** Compares the file with what would be written. */
  readonly check?: string | undefined
}

/**
 * Writes a document, or says whether the file that holds it has drifted: exit code 1.
 *
 * @throws BootError `INVALID_OPTION` for a file that cannot be written or read
 */
export async function writeDocument(
  command: keyof typeof documents,
  dir: string,
  {out, check}: DocumentFlags,
): Promise<number> {
  const app = await loadToRead(dir)
  const description = await app.description()
  const unknown = description.routes.filter(({messages}) => !messages)
  if (unknown.length > 0) process.stderr.write(`${notKnown(unknown)}\n`)
  const text = documents[command](description)
  if (check !== undefined)
    return compare(text, check, `candy ${command}${dir === '.' ? '' : ` ${quoted(dir)}`}`)
  if (out === undefined) process.stdout.write(text)
  else write(out, text)
  return 0
}

function notKnown(routes: readonly DescribedRoute[]): string {
  const list = routes.map(({path, source}) => `${path} (${source})`).join(', ')
  return `not known, as functions say their messages when a client connects: those of ${list}`
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, text)
  } catch (error) {
    refuseFile('--out', 'written', file, error)
  }
}

function compare(text: string, file: string, command: string): number {
  const there = read(file)
  const line = there === undefined ? 0 : firstDifference(there, text)
  if (line === undefined) return 0
  const what = line === 0 ? 'is not there' : `is not what the routes say, from line ${line} on`
  process.stderr.write(`${file} ${what}; write it anew: ${command} --out ${quoted(file)}\n`)
  return 1
}

/** `undefined` if there is none. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && file !== '') return undefined
    return refuseFile('--check', 'read', file, error)
  }
}

function refuseFile(flag: string, what: string, file: string, error: unknown): never {
  const {code} = error as NodeJS.ErrnoException
  return refuseOption(flag, `'${file}' cannot be ${what} (${code})`, 'It takes the path of a file.')
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
