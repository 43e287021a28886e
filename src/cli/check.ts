import {join} from 'node:path'
import {createApp} from '../app.js'
import {isFolder, roots} from '../boot/files.js'
import {showFile} from '../routing/source.js'

/** Loads the app without serving it; every fault is thrown at once. */
export async function check(dir: string): Promise<number> {
  const app = await createApp({dir})
  const count = app.routes().length
  await app.close()
  for (const remark of app.remarks) process.stdout.write(`${remark}\n`)
  if (count === 0) process.stderr.write(noRoutes(dir))
  process.stdout.write(
    count === 0 ? 'no routes\n' : `${count} ${count === 1 ? 'route' : 'routes'}, no faults\n`,
  )
  return 0
}

/** How other frameworks call the folders. */
const misnamed = {controller: 'controllers', routes: 'route'}

/** Most often the wrong folder. */
export function noRoutes(dir: string): string {
  const hints = roots(dir).flatMap(root =>
    Object.entries(misnamed)
      .filter(([name]) => isFolder(join(root, name)))
      .map(([name, right]) => `found ${showFile(join(root, name), dir)}/: the folder is called ${right}/\n`),
  )
  return `no routes found: looked for exported @WsRoute classes in controllers/ and for Candy.Route calls in route/, in ${dir} and ${dir}/web\n${hints.join('')}`
}
