import {isController, type Class} from '../decorators/notes.js'
import type {CandyRoot} from '../candy.js'
import {bootError, type Problems} from '../errors.js'
import type {MiddlewareRegistry} from '../handshake/middleware.js'
import {showFile} from '../routing/source.js'
import {codeFiles, stem} from './files.js'
import {whileLoading} from './global.js'
import {defaultOf, explain, loadFresh, loadShared} from './load.js'

/** The controllers that the files under `controllers/` export, each once. */
export async function scanControllers(dir: string, problems: Problems): Promise<Class[]> {
  const found = new Set<Class>()
  for (const file of codeFiles(dir, 'controllers', true)) {
    const module = await attempt(file, dir, problems, () => loadShared(file, dir))
    for (const value of exportsOf(module ?? {})) if (isController(value)) found.add(value)
  }
  return [...found]
}

/** What a module exports, by name or in one object. */
function exportsOf(module: Record<string, unknown>): unknown[] {
  const whole = module.default
  return [
    ...Object.values(module),
    ...(typeof whole === 'object' && whole !== null ? Object.values(whole) : []),
  ]
}

/** Registers `middleware/<name>` under its name. */
export async function scanMiddleware(
  dir: string,
  root: CandyRoot,
  registry: MiddlewareRegistry,
  problems: Problems,
): Promise<void> {
  for (const file of codeFiles(dir, 'middleware', false)) {
    await attempt(file, dir, problems, () =>
      whileLoading(root, async () => {
        const place = `${showFile(file, dir)}:1`
        // Known from here on, should it fail to load: the routes that name it are not at fault.
        registry.addFile(stem(file), () => false, place)
        registry.addFile(stem(file), defaultExport(await loadFresh(file, dir), place), place)
      }),
    )
  }
}

/** @throws BootError `NOT_A_FUNCTION` for a module that has none; what it is, the registry judges */
function defaultExport(module: Record<string, unknown>, place: string): unknown {
  const value = defaultOf(module)
  if (value !== undefined) return value
  throw bootError(
    'NOT_A_FUNCTION',
    place,
    `${place.replace(/:1$/, '')} has no default export`,
    'Write export default Candy => ..., which returns true to let in.',
  )
}

/** Evaluates the files in `route/`: they declare on the global `Candy`, or export a function of the root. */
export async function scanRoutes(dir: string, root: CandyRoot, problems: Problems): Promise<void> {
  for (const file of codeFiles(dir, 'route', false)) {
    await attempt(file, dir, problems, () =>
      whileLoading(root, async () => {
        const declare = defaultOf(await loadFresh(file, dir))
        if (typeof declare === 'function') await (declare as (root: CandyRoot) => unknown)(root)
      }),
    )
  }
}

/** One file's fault must not hide the next one's. */
async function attempt<T>(
  file: string,
  dir: string,
  problems: Problems,
  step: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    problems.keep(explain(error, file, dir))
    return undefined
  }
}
