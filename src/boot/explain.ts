import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {basename, dirname, extname, isAbsolute, relative, resolve, sep} from 'node:path'
import {fileURLToPath} from 'node:url'
import {bootError, BootError} from '../errors.js'
import {showFile, showSource, sourceOf, type Source} from '../routing/source.js'
import {formatOf} from './format.js'

/** What went wrong with a file, in the author's terms. */
export function explain(error: unknown, file: string, dir: string): BootError {
  if (error instanceof BootError) return error
  const message = error instanceof Error ? error.message : String(error)
  const source = error instanceof Error ? sourceOf(error.stack ?? '') : undefined
  const place = source ? showSource(source, dir) : `${showFile(file, dir)}:1`
  if (/\b(?:module|exports|require) is not defined/.test(message))
    return bootError(
      'MODULE_FORMAT',
      place,
      'CommonJS in a file that its package.json makes an ES module',
      'Put a package.json with {"type": "commonjs"} beside it, name it .cjs, or write export default.',
    )
  if (message.includes('Missing field `format`'))
    return bootError(
      'LOAD_FAILED',
      place,
      `${showFile(file, dir)} did not compile: the tsconfig.json above it, or what that extends, cannot be read`,
      'Mend the path in its "extends", or its JSON; {"extends": "candy-ws/tsconfig.json"} is enough.',
    )
  const circular = /Cannot access '(.+)' before initialization/.exec(message)
  if (circular)
    return bootError(
      'CIRCULAR_IMPORT',
      place,
      `circular import: ${circular[1]} is used before its file is ready`,
      `Move what both files need into a third; or write the type as import('./file.js').${circular[1]} and inject it with @inject(delay(() => ${circular[1]})).`,
    )
  if (leftDecorators(error, file))
    return bootError(
      'NO_METADATA',
      place,
      'the compiler left the decorators as they are',
      'Set experimentalDecorators and emitDecoratorMetadata in tsconfig.json, or {"extends": "candy-ws/tsconfig.json"}.',
    )
  const cause = causeOf(error, file, dir)
  return bootError(
    'LOAD_FAILED',
    cause?.source ? showSource(cause.source, dir) : place,
    `${showFile(file, dir)} did not load: ${cause?.message ?? message.split('\n')[0]}`,
    cause?.remedy ?? 'Mend the error.',
  )
}

interface Cause {
  readonly source?: Source
  /** Instead of the error's own words. */
  readonly message?: string
  readonly remedy: string
}

/** What Node and the loader say is told in the author's terms; what the file throws itself stays as it is. */
function causeOf(error: unknown, file: string, dir: string): Cause | undefined {
  if (!(error instanceof Error)) return undefined
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'GenericFailure') return unparsed(message, file, dir)
  if (code?.endsWith('MODULE_NOT_FOUND') || code === 'ERR_UNSUPPORTED_DIR_IMPORT')
    return notFound(message, file, dir)
  if (error instanceof SyntaxError) return noExport(message) ?? unplaced(error, file)
  return error instanceof TypeError ? noMethod(message) : undefined
}

function unplaced(error: SyntaxError, file: string): Cause | undefined {
  const line = sourceOf(error.stack ?? '') ? undefined : lineOfSyntaxError(file)
  return line ? {source: {file, line}, remedy: 'Mend the error.'} : undefined
}

/** The TypeScript loader compiles JavaScript too, and names the file, but no line of it. */
function unparsed(message: string, loaded: string, dir: string): Cause | undefined {
  const match = /^Failed to parse (.+?)(?:\?candy=\S*)?: ([^]+)$/.exec(message)
  if (!match) return undefined
  const file = toPath(match[1]!)
  const shown = showFile(file, dir)
  const line = lineOfSyntaxError(file)
  return {
    source: {file, line: line ?? 1},
    message: `syntax error${file === loaded ? '' : ` in ${shown}`}: ${match[2]!.split('\n')[0]}`,
    remedy: line ? 'Mend the error.' : 'Mend the error: `npx tsc --noEmit` names the line.',
  }
}

/**
 * As Node's own parser finds it, told only to whoever runs it as a program: the error of an ES module holds no line.
 * One process for each broken file, and none for a sound one.
 */
function lineOfSyntaxError(file: string): number | undefined {
  if (!/\.[cm]?js$/.test(file)) return undefined
  const {stderr} = spawnSync(process.execPath, ['--check', `--input-type=${formatOf(file)}`, '-'], {
    input: readFileSync(file),
    encoding: 'utf8',
    env: {...process.env, NODE_OPTIONS: ''},
    timeout: 5_000,
  })
  const match = /^\[stdin\]:(\d+)$/m.exec(stderr ?? '')
  return match ? Number(match[1]) : undefined
}

/** An import of a file or a package that is not there, in either module format. */
function notFound(message: string, loaded: string, dir: string): Cause | undefined {
  const match =
    /^(?:Cannot find (?:module|package)|Directory import) '(.+?)'.* imported from (.+)$/m.exec(message) ??
    /^Cannot find module '(.+?)'\nRequire stack:\n- (.+)$/m.exec(message)
  if (!match) return undefined
  const [wanted, file] = [match[1]!, toPath(match[2]!)]
  const isPath = isAbsolute(wanted) || wanted.startsWith('.')
  const target = isPath ? asWritten(resolve(dirname(file), wanted), file) : wanted
  const source = {file, line: lineNaming(isPath ? basename(wanted) : wanted, file)}
  const importer = file === loaded ? 'it' : showFile(file, dir)
  const told = {source, message: `${importer} imports '${target}', which is not there`}
  if (!isPath) return {...told, remedy: `npm install ${packageOf(wanted)}`}
  const found = ['.js', '.mjs', '.cjs', '/index.js'].find(end =>
    existsSync(resolve(dirname(file), target) + end),
  )
  return {
    ...told,
    remedy: found ? `Write the extension: '${target}${found}'.` : 'Mend the path; capitals count.',
  }
}

function asWritten(target: string, importer: string): string {
  const path = relative(dirname(importer), target).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

/** Node names the files, and not the line of the import. */
function lineNaming(name: string, file: string): number {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const at = lines.findIndex(line => /\b(?:import|from|require)\b/.test(line) && line.includes(name))
  return Math.max(at, 0) + 1
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function noExport(message: string): Cause | undefined {
  const match = /The requested module '(.+)' does not provide an export named '(.+)'/.exec(message)
  if (!match) return undefined
  const [, from, name] = match
  return {
    message: `${from} has no export '${name}'`,
    remedy:
      name === 'default'
        ? 'Import by name: import {...}.'
        : `Mend the name; if it is a type, write import type {${name}}.`,
  }
}

function noMethod(message: string): Cause | undefined {
  if (!/\bRoute\b.*\.\w+ is not a function/.test(message)) return undefined
  return {
    remedy:
      'Candy.Route has ws, page, get, post, use() and auth: see the guide, migrating-from-candypack.md.',
  }
}

function toPath(location: string): string {
  return location.startsWith('file:') ? fileURLToPath(location) : location
}

/** Without `experimentalDecorators` the loader passes decorators on to Node, which takes them for a mistake. */
function leftDecorators(error: unknown, file: string): boolean {
  if (!(error instanceof Error) || !/^\.m?ts$/.test(extname(file))) return false
  const misread =
    (error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_CYCLE_MODULE' ||
    (error instanceof SyntaxError &&
      /Invalid or unexpected token|Unexpected token 'export'/.test(error.message))
  return misread && /^\s*@\w/m.test(readFileSync(file, 'utf8'))
}
