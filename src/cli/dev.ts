import {Supervisor} from '../dev/supervisor.js'
import {readPort, addressFault} from './address.js'
import {firstSignal} from './signal.js'

/** Serves until SIGTERM or SIGINT, anew at each change; a second signal ends at once. */
export async function dev(
  dir: string,
  flags: {port?: string | undefined; host?: string | undefined},
): Promise<number> {
  const port = readPort(flags.port)
  const host = flags.host ?? '127.0.0.1'
  const supervisor = new Supervisor(dir)
  const url = await supervisor
    .open(port, host)
    .catch((error: unknown) => void process.stderr.write(`${addressFault(error, port, host)}\n`))
  if (url === undefined) return 1
  const signal = firstSignal()
  await Promise.race([signal, supervisor.run(() => process.stdout.write(`listening on ${url}\n`))])
  await supervisor.end()
  return 0
}
