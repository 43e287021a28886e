import {createApp} from '../app.js'
import {noRoutes} from './check.js'
import {refuseOption} from '../options.js'

/** Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. */
export async function start(
  dir: string,
  flags: {port?: string | undefined; host?: string | undefined},
): Promise<number> {
  const port = readPort(flags.port)
  const app = await createApp({dir})
  for (const remark of app.remarks) process.stderr.write(`${remark}\n`)
  if (app.routes().length === 0) process.stderr.write(noRoutes(dir))
  const host = flags.host ?? '127.0.0.1'
  const url = await app.listen({port, host}).then(
    listening => listening.url,
    (error: unknown) => void process.stderr.write(`${whyNot(error, port, host)}\n`),
  )
  if (url === undefined) return 1
  const signal = firstSignal()
  process.stdout.write(`listening on ${url}\n`)
  await signal
  await app.close()
  return 0
}

/** In one line, if it is the address that is at fault. */
function whyNot(error: unknown, port: number, host: string): string {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${message}; take another: --port ${port < 65_535 ? port + 1 : 0}`
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine`
  throw error
}

/** `Number()` would take ' ', '1e3' and '0x50' too. */
function readPort(text = '3000'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  return refuseOption(
    '--port',
    `the option 'port' is '${text}'`,
    'It takes a whole number from 0 to 65535; 0 takes a free port.',
  )
}

function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const asked = () => {
      for (const signal of signals) process.off(signal, asked).once(signal, force)
      resolve()
    }
    for (const signal of signals) process.once(signal, asked)
  })
}

function force(): never {
  process.exit(1)
}
