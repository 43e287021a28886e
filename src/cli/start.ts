import {createApp} from '../app.js'
import {noRoutes} from '../boot/no-routes.js'
import {readPort, addressFault} from './address.js'
import {firstSignal} from './signal.js'
import {readWorkers, serveByWorkers} from './workers.js'

interface StartFlags {
  readonly port?: string | undefined
  readonly host?: string | undefined
  readonly workers?: string | undefined
}

/** Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. */
export async function start(dir: string, flags: StartFlags): Promise<number> {
  const port = readPort(flags.port)
  const host = flags.host ?? '127.0.0.1'
  const workers = readWorkers(flags.workers)
  return workers === 1 ? serve(dir, port, host) : serveByWorkers({dir, port, host, workers})
}

async function serve(dir: string, port: number, host: string): Promise<number> {
  const app = await createApp({dir})
  for (const remark of app.remarks) process.stderr.write(`${remark}\n`)
  if (app.routes().length === 0) process.stderr.write(`${noRoutes(dir)}\n`)
  const url = await app.listen({port, host}).then(
    listening => listening.url,
    (error: unknown) => void process.stderr.write(`${addressFault(error, port, host)}\n`),
  )
  if (url === undefined) return 1
  const signal = firstSignal()
  process.stdout.write(`listening on ${url}\n`)
  await signal
  await app.close()
  return 0
}
