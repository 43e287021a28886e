import {existsSync, readFileSync, realpathSync} from 'node:fs'
import {basename, dirname, extname, isAbsolute, relative, resolve, sep} from 'node:path'
import {fileURLToPath} from 'node:url'
import {bootError, BootError} from '../errors.js'
import {showFile, showSource, sourceOf, type Source} from '../routing/source.js'
import {lineOfSyntaxError} from './syntax.js'

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
      'did not compile: the tsconfig.json above it, or what that extends, cannot be read',
      'Mend the path in its "extends", or its JSON; {"extends": "candy-ws/tsconfig.json"} is enough.',
    )
  const circular = /Cannot access '(.+)' before initialization/.exec(message)
  if (circular) return circularImport(circular[1]!, place, source?.file ?? file)
  if (leftDecorators(error, file))
    return bootError(
      'NO_METADATA',
      place,
      'the compiler left the decorators as they are',
      'Set experimentalDecorators and emitDecoratorMetadata in tsconfig.json, or {"extends": "candy-ws/tsconfig.json"}.',
    )
  const cause = causeOf(error, file)
  const at = cause?.source ?? source
  const withIt = at && isOther(at.file, file) ? `, and ${showFile(file, dir)} with it` : ''
  return bootError(
    'LOAD_FAILED',
    at ? showSource(at, dir) : place,
    `did not load${withIt}: ${cause?.message ?? message.split('\n')[0]}`,
    cause?.remedy ??
      'This runs while the app starts: mend it here, or move it into a function that runs later.',
  )
}

function circularImport(name: string, place: string, file: string): BootError {
  const path = `'${pathOf(name, file)}'`
  return bootError(
    'CIRCULAR_IMPORT',
    place,
    `circular import: ${name} is used here before its own file is ready`,
    `Move what both files need into a third; or write the type as import(${path}).${name} and inject it with @inject(delay(() => ${name})).`,
  )
}

/** Whether the fault lies in a file that the loaded one imports; what is no file, such as `createApp()`, imports none. */
function isOther(file: string, loaded: string): boolean {
  return existsSync(loaded) && existsSync(file) && realpathSync(file) !== realpathSync(loaded)
}

interface Cause {
  readonly source?: Source
  /** Instead of the error's own words. */
  readonly message?: string
  readonly remedy: string
}

/** What Node and the loader say is told in the author's terms; what the file throws itself stays as it is. */
function causeOf(error: unknown, file: string): Cause | undefined {
  if (!(error instanceof Error)) return undefined
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'GenericFailure') return unparsed(message)
  if (code?.endsWith('MODULE_NOT_FOUND') || code === 'ERR_UNSUPPORTED_DIR_IMPORT') return notFound(message)
  if (error instanceof SyntaxError) return noExport(message) ?? unparsable(error, file)
  return (
    noMethod(message) ??
    noParentheses(message) ??
    notDefined(message, sourceOf(error.stack ?? '')?.file ?? file)
  )
}

const stopped = 'The parser stopped there; what it stumbled over may stand just before.'

/** Node's parser names no line, or names it before its words; code that throws a `SyntaxError` is named after them. */
function unparsable(error: SyntaxError, file: string): Cause | undefined {
  const isPlaced = sourceOf(error.stack ?? '') !== undefined
  if (isPlaced && error.stack!.startsWith(error.name)) return undefined
  const line = isPlaced ? undefined : lineOfSyntaxError(file)
  return {
    ...(line && {source: {file, line}}),
    message: `syntax error: ${error.message.split('\n')[0]}`,
    remedy: stopped,
  }
}

/** The TypeScript loader compiles JavaScript too, and names the file, but no line of it. */
function unparsed(message: string): Cause | undefined {
  const match = /^Failed to parse (.+?)(?:\?candy=\S*)?: ([^]+)$/.exec(message)
  if (!match) return undefined
  const file = toPath(match[1]!)
  const line = lineOfSyntaxError(file)
  return {
    source: {file, line: line ?? 1},
    message: `syntax error: ${match[2]!.split('\n')[0]}`,
    remedy: line ? stopped : '`npx tsc --noEmit` names the line.',
  }
}

/** An import of a file or a package that is not there, in either module format. */
function notFound(message: string): Cause | undefined {
  const match =
    /^(?:Cannot find (?:module|package)|Directory import) '(.+?)'.* imported from (.+)$/m.exec(message) ??
    /^Cannot find module '(.+?)'\nRequire stack:\n- (.+)$/m.exec(message)
  if (!match) return undefined
  const [wanted, file] = [match[1]!, toPath(match[2]!)]
  const isPath = isAbsolute(wanted) || wanted.startsWith('.')
  const target = isPath ? asWritten(resolve(dirname(file), wanted), file) : wanted
  const source = {file, line: lineNaming(isPath ? basename(wanted) : wanted, file)}
  const told = {source, message: `it imports '${target}', which is not there`}
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

function noParentheses(message: string): Cause | undefined {
  const match = /^(@\w+ stands without its parentheses): write (.+)$/.exec(message)
  return match ? {message: match[1]!, remedy: `Write ${match[2]}.`} : undefined
}

/** The compiler moves decorators, and names a line where they are not. */
function notDefined(message: string, file: string): Cause | undefined {
  const [, name] = /^([\w$]+) is not defined$/.exec(message) ?? []
  if (name === undefined) return undefined
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const named = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`)
  const line = lines.findIndex(line => named.test(line) && !/^\s*(?:import\b|\/[/*]|\*)/.test(line)) + 1
  const isErased = lines.some(line => /^\s*import\s+type\b/.test(line) && named.test(line))
  return {
    ...(line > 0 && {source: {file, line}}),
    remedy: isErased
      ? `It is imported by \`import type\`, which is gone when the file runs: import ${name} without \`type\`.`
      : `Import or declare ${name}.`,
  }
}

/** Where the author imports it from. */
function pathOf(name: string, file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const imports = [...text.matchAll(/^import\s([^'"]*?)\sfrom\s+['"](.+?)['"]/gm)]
  const found = imports.find(([, names]) => new RegExp(`\\b${name}\\b`).test(names!))
  return found?.[2] ?? './file.js'
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
