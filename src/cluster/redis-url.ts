import type {RedisClient} from './redis-source.js'

/** None of the packages is installed that know how to talk to a server. */
export class ClientMissing extends Error {
  override readonly name = 'ClientMissing'
  /** What to install: `npm i <package>`. */
  readonly package: string

  constructor(scheme: string, name: string) {
    super(`a ${scheme} bus needs a client: npm i ${name}`)
    this.package = name
  }
}

/** A client that is not connected, and the `?prefix=` of its URL. */
export async function clientOf(
  url: string,
): Promise<{readonly client: RedisClient; readonly prefix: string | undefined}> {
  const address = URL.canParse(url) ? new URL(url) : undefined
  // No error says the URL: there may be a password in it.
  if (!address || !/^rediss?:$/.test(address.protocol))
    throw new TypeError('the bus: not a redis:// or rediss:// URL')
  const prefix = address.searchParams.get('prefix') ?? undefined
  address.searchParams.delete('prefix')
  const client = (await nodeRedis(address.href)) ?? (await ioredis(address.href))
  if (!client) throw new ClientMissing('redis://', 'redis')
  return {client, prefix}
}

async function nodeRedis(url: string): Promise<RedisClient | undefined> {
  const library = await installed(() => import('redis'))
  return library && made(() => library.createClient({url}))
}

async function ioredis(url: string): Promise<RedisClient | undefined> {
  const library = await installed(() => import('ioredis'))
  return library && made(() => new library.Redis(url, {lazyConnect: true}))
}

async function installed<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

function made(make: () => RedisClient): RedisClient {
  try {
    return make()
  } catch (error) {
    throw new TypeError(`the bus: ${error instanceof TypeError ? error.message : 'its URL is not valid'}`)
  }
}
