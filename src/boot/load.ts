import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, extname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {bootError, BootError} from '../errors.js'
import {showFile, showSource, sourceOf} from '../routing/source.js'
import {runTypeScript} from './typescript.js'

const require = createRequire(import.meta.url)

/** Counts evaluations, so that each gets an address of its own in Node's module cache. */
let evaluation = 0

/** CommonJS or ES module, as Node decides it: by extension, else by the nearest package.json, else by its syntax. */
function formatOf(file: string): 'commonjs' | 'module' {
  const extension = extname(file)
  if (/^\.m[jt]s$/.test(extension)) return 'module'
  if (/^\.c[jt]s$/.test(extension)) return 'commonjs'
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = readManifest(join(at, 'package.json'))
    if (manifest?.type === 'module') return 'module'
    // TypeScript's `export` is not compiled away, so a package type does not make it CommonJS.
    if (manifest?.type === 'commonjs' && !extension.endsWith('ts')) return 'commonjs'
    if (manifest || dirname(at) === at) return formatBySyntax(file)
  }
}

/** Node tries CommonJS and looks at how it fails; a statement that only a module has is as good a sign. */
function formatBySyntax(file: string): 'commonjs' | 'module' {
  return /^\s*(?:import\s*["'{*\w]|export\s+(?:default|async|class|const|function|let|var)\b|export\s*[{*])/m.test(
    readFileSync(file, 'utf8'),
  )
    ? 'module'
    : 'commonjs'
}

function readManifest(path: string): {type?: unknown} | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as {type?: unknown}
  } catch {
    return undefined
  }
}

/**
 * Imports a file once per process, whatever its module format: classes keep their identity.
 *
 * @throws BootError naming the line and the remedy
 */
export function loadShared(file: string, dir: string): Promise<Record<string, unknown>> {
  return load(file, dir, () => import(pathToFileURL(file).href))
}

/**
 * Evaluates a file anew, so that each app runs its own copy.
 *
 * @throws BootError naming the line and the remedy
 */
export function loadFresh(file: string, dir: string): Promise<Record<string, unknown>> {
  return load(file, dir, () => (formatOf(file) === 'commonjs' ? requireFresh(file) : importFresh(file)))
}

async function load(file: string, dir: string, evaluate: () => unknown): Promise<Record<string, unknown>> {
  try {
    if (extname(file).endsWith('ts')) await runTypeScript(file)
    return (await evaluate()) as Record<string, unknown>
  } catch (error) {
    throw explain(error, file, dir)
  }
}

/** The query makes it another module to Node; its end keeps the extension in sight of TypeScript loaders. */
function importFresh(file: string): Promise<unknown> {
  evaluation += 1
  return import(`${pathToFileURL(file).href}?candy=${evaluation}${extname(file)}`)
}

function requireFresh(file: string): unknown {
  // By its real path, which a link would hide.
  delete require.cache[require.resolve(file)]
  return {default: require(file) as unknown}
}

/** What a module exports: `default`, or `module.exports`. */
export function defaultOf(module: Record<string, unknown>): unknown {
  const value = module.default
  // A transpiled `export default` in CommonJS comes wrapped once more.
  const inner = typeof value === 'object' && value !== null && '__esModule' in value
  return inner ? (value as {default?: unknown}).default : value
}

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
  return bootError(
    'LOAD_FAILED',
    place,
    `${showFile(file, dir)} did not load: ${message.split('\n')[0]}`,
    'Mend the error; `candy check` loads the file again.',
  )
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
