import {createApp} from '../app.js'

/** Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. */
export async function start(
  dir: string,
  flags: {port?: string | undefined; host?: string | undefined},
): Promise<number> {
  const app = await createApp({dir})
  const port = flags.port === undefined ? 3_000 : Number(flags.port === '' ? Number.NaN : flags.port)
  const {url} = await app.listen({port, host: flags.host ?? '127.0.0.1'})
  const signal = firstSignal()
  process.stdout.write(`listening on ${url}\n`)
  await signal
  await app.close()
  return 0
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
