import {createRequire} from 'node:module'
import {extname} from 'node:path'
import {pathToFileURL} from 'node:url'
import {explain} from './explain.js'
import {formatOf} from './format.js'
import {runTypeScript} from './typescript.js'

export {explain} from './explain.js'

const require = createRequire(import.meta.url)

/** Counts evaluations, so that each gets an address of its own in Node's module cache. */
let evaluation = 0

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
