import {createApp} from '../app.js'

/** Loads the app without serving it; every fault is thrown at once. */
export async function check(dir: string): Promise<number> {
  const app = await createApp({dir})
  const count = app.routes().length
  await app.close()
  process.stdout.write(`${count} ${count === 1 ? 'route' : 'routes'}, no faults\n`)
  return 0
}
