import {createApp} from '../app.js'

/** Loads the app without serving it; every fault is thrown at once. */
export async function check(dir: string): Promise<number> {
  const app = await createApp({dir})
  const count = app.routes().length
  await app.close()
  if (count === 0) process.stderr.write(noRoutes(dir))
  process.stdout.write(`${count} ${count === 1 ? 'route' : 'routes'}, no faults\n`)
  return 0
}

/** Most often a class without `export`, or the wrong folder. */
export function noRoutes(dir: string): string {
  return `no routes found: looked for exported @WsRoute classes in controllers/ and for Candy.Route calls in route/, in ${dir} and ${dir}/web\n`
}
