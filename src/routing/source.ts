import {isAbsolute, relative, sep} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Where a declaration stands, before it is known which folder to show it relative to. */
export interface Source {
  readonly file: string
  readonly line: number
}

/** This package's own files, as built and as source maps name them: the first frame outside is the author's line. */
const own = ['..', '../../src'].map(folder => fileURLToPath(new URL(`${folder}/`, import.meta.url)))

/**
 * The author's line: the nearest caller outside this package. Source maps, where on, have been applied by
 * Node, so a TypeScript file is named with its own line (AdonisJS fold keeps the stack for the same reason).
 */
export function callerSource(): Source | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const stack = new Error().stack ?? ''
  Error.stackTraceLimit = limit
  return sourceOf(stack)
}

/** The first line of a stack that lies in the author's files. */
export function sourceOf(stack: string): Source | undefined {
  for (const line of stack.split('\n')) {
    const match = /(?:^|\(|at |\s)((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line)
    if (!match) continue
    const file = toFile(match[1]!)
    if (own.some(folder => file.startsWith(folder)) || file.includes(`${sep}node_modules${sep}`)) continue
    return {file, line: Number(match[2])}
  }
  return undefined
}

function toFile(location: string): string {
  const path = location.startsWith('file:') ? fileURLToPath(location.replace(/[?#].*$/, '')) : location
  return path.replace(/[?#].*$/, '')
}

/** `controllers/room.ts:12`, relative to the app folder where it lies inside it. */
export function showSource(source: Source | undefined, dir: string): string {
  if (!source) return '(unknown place)'
  return `${showFile(source.file, dir)}:${source.line}`
}

export function showFile(file: string, dir: string): string {
  const path = relative(dir, file)
  const outside = path === '' || isAbsolute(path) || path.startsWith('..')
  return (outside ? file : path).split(sep).join('/')
}
