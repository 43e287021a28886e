import {realpathSync} from 'node:fs'
import {decoratedDuring} from '../decorators/decorated.js'
import {comesFrom, isController, notesOf, type Class} from '../decorators/notes.js'
import type {CandyRoot} from '../candy.js'
import {bootError, type BootError, type Problems} from '../errors.js'
import type {MiddlewareRegistry} from '../handshake/middleware.js'
import {showFile, showSource} from '../routing/source.js'
import {codeFiles, stem} from './files.js'
import {whileLoading} from './global.js'
import {defaultOf, explain, loadFresh, loadShared} from './load.js'

/** The controllers that the files under `controllers/` export, each once. */
export async function scanControllers(dir: string, problems: Problems): Promise<Class[]> {
  const modules = new Map<string, Record<string, unknown>>()
  // Over all files: one that another imports first is decorated then, and comes from Node's cache in its own turn.
  const decorated = await decoratedDuring(async () => {
    for (const file of codeFiles(dir, 'controllers', true)) {
      const module = await attempt(file, dir, problems, () => loadShared(file, dir))
      if (module) modules.set(realpathSync(file), module)
    }
  })
  const found = [...new Set([...modules.values()].flatMap(exportsOf).filter(isController))]
  for (const [file, module] of modules)
    for (const cls of declaredIn(file, module, decorated))
      if (!found.some(one => comesFrom(one, cls))) problems.keep(notExported(cls, dir))
  return found
}

/** By module, which is evaluated once: an app made later in the process is told the same. */
const declared = new WeakMap<object, readonly Class[]>()

function declaredIn(file: string, module: object, decorated: ReadonlySet<Class>): readonly Class[] {
  const now = [...decorated].filter(cls => notesOf(cls).route?.source?.file === file)
  const classes = now.length > 0 ? now : (declared.get(module) ?? [])
  declared.set(module, classes)
  return classes
}

function notExported(cls: Class, dir: string): BootError {
  return bootError(
    'NOT_EXPORTED',
    showSource(notesOf(cls).route?.source, dir),
    `${cls.name} has @WsRoute and is not exported`,
    `Write: export class ${cls.name}.`,
  )
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
