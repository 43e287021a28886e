import type {Assembly} from './assembly.js'
import {whileLoading} from './boot/global.js'
import {explain} from './boot/load.js'
import type {AppOptions} from './boot/options.js'
import {scanControllers, scanMiddleware, scanRoutes} from './boot/scan.js'
import type {CandyRoot} from './candy.js'
import type {Class} from './decorators/notes.js'
import type {Problems} from './errors.js'

/** Loads and checks everything that the options of an app name. @throws BootError with all that is wrong */
export async function load(
  house: Assembly,
  root: CandyRoot,
  options: AppOptions,
  folder: string,
  problems: Problems,
): Promise<void> {
  const {dir, controllers = [], routes = [], middleware = {}} = options
  for (const [name, fn] of Object.entries(middleware))
    problems.collect(() => house.middleware.register(name, fn, 'createApp()'))
  const classes = new Set<Class>(controllers)
  if (dir !== undefined) {
    await scanMiddleware(folder, root, house.middleware, problems)
    for (const cls of await scanControllers(folder, problems)) classes.add(cls)
    await scanRoutes(folder, root, problems)
  }
  for (const declare of routes) {
    try {
      await whileLoading(root, async () => declare(root))
    } catch (error) {
      problems.keep(explain(error, 'createApp()', folder))
    }
  }
  house.registry.complete(classes, problems)
  problems.collect(() => house.page.complete())
  problems.throwIfAny()
}
