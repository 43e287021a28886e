import {createApp} from '../app.js'
import {noRoutes} from '../boot/no-routes.js'

/** Loads the app without serving it; every fault is thrown at once. */
export async function check(dir: string): Promise<number> {
  const app = await createApp({dir})
  const count = app.routes().length
  await app.close()
  for (const remark of app.remarks) process.stdout.write(`${remark}\n`)
  if (count === 0) process.stderr.write(`${noRoutes(dir)}\n`)
  process.stdout.write(
    count === 0 ? 'no routes\n' : `${count} ${count === 1 ? 'route' : 'routes'}, no faults\n`,
  )
  return 0
}
