import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {createApp} from '../app.js'
import {asyncapiOf} from '../describe/asyncapi.js'
import type {DescribedRoute, Description} from '../describe/description.js'
import {typesOf} from '../describe/typescript.js'

/** Something written from an app. */
export interface Document {
  /** The command that writes it. */
  readonly command: string
  readonly write: (app: Description) => string
  /** What of the text counts, where people format their files. */
  readonly essence: (text: string) => string
}

export const documents = {
  asyncapi: {
    command: 'asyncapi',
    write: app => `${JSON.stringify(asyncapiOf(app), null, 2)}\n`,
    essence: text => JSON.stringify(JSON.parse(text)),
  },
  types: {
    command: 'types',
    write: typesOf,
    // Blanks, semicolons, quotes, and the bar before the first of several: what formatters change.
    essence: text =>
      text
        .replaceAll(/[\s;]/g, '')
        .replaceAll('"', "'")
        .replaceAll(/([:=(])\|/g, '$1'),
  },
} as const satisfies Record<string, Document>

export interface DocumentFlags {
  /** Writes the file, instead of stdout. */
  readonly out?: string | undefined
  /** Compares the file with what would be written. */
  readonly check?: string | undefined
}

/** Writes a document, or says whether the file that holds it has drifted: exit code 1. */
export async function writeDocument(document: Document, dir: string, flags: DocumentFlags): Promise<number> {
  const app = await createApp({dir})
  const description = await app.description()
  await app.close()
  const unknown = description.routes.filter(({messages}) => !messages)
  if (unknown.length > 0) process.stderr.write(`${notKnown(unknown)}\n`)
  const text = document.write(description)
  if (flags.check !== undefined) return check(document, text, flags.check, dir)
  if (flags.out === undefined) process.stdout.write(text)
  else write(flags.out, text)
  return 0
}

function notKnown(routes: readonly DescribedRoute[]): string {
  const list = routes.map(({path, source}) => `${path} (${source})`).join(', ')
  return `not known, as functions say their messages when a client connects: those of ${list}`
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), {recursive: true})
  writeFileSync(file, text)
}

function check(document: Document, text: string, file: string, dir: string): number {
  const there = read(file)
  if (there !== undefined && sameEssence(document, there, text)) return 0
  const remedy = `write it anew: candy ${document.command}${dir === '.' ? '' : ` ${dir}`} --out ${file}`
  const what =
    there === undefined ? 'is not there' : `is not what the routes say, ${firstChange(there, text)}`
  process.stderr.write(`${file} ${what}; ${remedy}\n`)
  return 1
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function sameEssence({essence}: Document, there: string, text: string): boolean {
  try {
    return essence(there) === essence(text)
  } catch {
    return false
  }
}

/** Where to look: the first line of what would be written that the file does not have in this place. */
function firstChange(there: string, text: string): string {
  const lines = there.split('\n')
  const index = text.split('\n').findIndex((line, at) => line !== lines[at])
  return `from line ${index + 1} on`
}
