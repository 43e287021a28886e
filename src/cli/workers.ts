import {availableParallelism} from 'node:os'
import {isatty} from 'node:tty'
import {refuseOption} from '../options.js'
import {Primary, type PrimaryOptions} from '../workers/primary.js'
import {addressFault} from './address.js'
import {firstSignal} from './signal.js'

/** More are a mistake. */
const most = 1_024

/** How many processes are to serve. */
export function readWorkers(text = '1'): number {
  if (text === 'auto') return availableParallelism()
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text)
  return refuseOption(
    '--workers',
    `the option 'workers' is '${text}'`,
    `It takes a whole number from 1 to ${most}, or auto: one for each core.`,
  )
}

/** Serves by several processes until SIGTERM or SIGINT; at SIGHUP each is renewed. */
export async function serveByWorkers(options: PrimaryOptions): Promise<number> {
  const primary = new Primary(options)
  onHangUp(() => primary.restart())
  const url = await primary
    .start()
    .catch(
      (error: unknown) => void process.stderr.write(`${addressFault(error, options.port, options.host)}\n`),
    )
  if (url === undefined) return 1
  const signal = firstSignal()
  process.stdout.write(`listening on ${url}\n`)
  await signal
  await primary.end()
  return 0
}

/** A terminal that is closed says SIGHUP too, and means the end. */
function onHangUp(restart: () => void): void {
  const hadTerminal = hasTerminal()
  process.on('SIGHUP', () => {
    if (hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM')
    else restart()
  })
}

function hasTerminal(): boolean {
  return [0, 1, 2].some(fd => isatty(fd))
}
