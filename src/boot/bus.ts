import {bootError} from '../errors.js'
import {ownWorkersBus} from '../cluster/workers.js'
import {MissingPackage} from '../cluster/missing-package.js'
import {refuseOption, type Check} from '../options.js'
import type {Bus} from '../rooms/bus.js'

/** By the scheme of its URL. A module is loaded once it is needed: it wants a package that not everybody has. */
const schemes: Readonly<Record<string, () => Promise<(url: string) => Bus | Promise<Bus>>>> = {
  redis: async () => (await import('../cluster/redis-url.js')).redisBusFrom,
  rediss: async () => (await import('../cluster/redis-url.js')).redisBusFrom,
  nats: async () => (await import('../cluster/nats-url.js')).natsBusFrom,
  tls: async () => (await import('../cluster/nats-url.js')).natsBusFrom,
}

const remedy =
  "It takes 'redis://host:6379', 'nats://host:4222', redisBus(client), natsBus(connection), memoryBus(), or false."

export const busCheck: Check = value => {
  // A URL is judged by `busOf()`, which does not repeat it: there may be a password in it.
  if (value === false || typeof value === 'string') return undefined
  const {kind, connect} = (value ?? {}) as Partial<Record<keyof Bus, unknown>>
  return typeof kind === 'string' && typeof connect === 'function' ? undefined : 'a bus, or the URL of one'
}

/**
 * The bus that an app was given, if any.
 *
 * @param option of the app; without it, `CANDY_BUS` says; without that, workers of one machine are joined by their primary
 * @throws BootError `INVALID_OPTION` for a URL that is none, `MISSING_PACKAGE` where nothing is installed to speak to it
 */
export async function busOf(option: string | Bus | false | undefined): Promise<Bus | undefined> {
  const given = option ?? (process.env.CANDY_BUS || undefined)
  if (given === undefined) return ownWorkersBus()
  if (given === false) return undefined
  if (typeof given !== 'string') return given
  const from = option === undefined ? 'CANDY_BUS' : 'bus'
  const scheme = schemeOf(given)
  if (scheme === undefined) return refuseOption(from, `${from} is no URL of a bus`, remedy)
  const open = await schemes[scheme]!()
  try {
    return await open(given)
  } catch (error) {
    if (error instanceof MissingPackage)
      throw bootError(
        'MISSING_PACKAGE',
        from,
        `${from} is ${scheme}://, and ${error.message}`,
        `npm i ${error.packages[0]}`,
      )
    // A URL that is wrong in part.
    if (error instanceof TypeError) return refuseOption(from, `${from}: ${error.message}`, remedy)
    throw error
  }
}

function schemeOf(url: string): string | undefined {
  const scheme = /^([a-z]+):\/\/./.exec(url)?.[1]
  return scheme !== undefined && Object.hasOwn(schemes, scheme) && URL.canParse(url) ? scheme : undefined
}
