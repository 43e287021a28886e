import {installed, MissingPackage} from './missing-package.js'
import type {RedisClient} from './redis-source.js'

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
  const make = (await nodeRedis()) ?? (await ioredis())
  if (!make) throw new MissingPackage(['redis', 'ioredis'])
  const client = made(() => make(address.href))
  if (!client) throw new TypeError('the bus: its URL is refused by its client')
  return {client, prefix}
}

type Make = (url: string) => RedisClient

async function nodeRedis(): Promise<Make | undefined> {
  const library = await installed(() => import('redis'))
  return library && (url => library.createClient({url}))
}

async function ioredis(): Promise<Make | undefined> {
  const library = await installed(() => import('ioredis'))
  return library && (url => new library.Redis(url, {lazyConnect: true}))
}

function made(make: () => RedisClient): RedisClient | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
