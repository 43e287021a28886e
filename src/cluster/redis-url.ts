import type {Bus} from '../rooms/bus.js'
import {installed, MissingPackage} from './missing-package.js'
import {redisBus, type RedisClient} from './redis.js'

/**
 * Of whichever client is installed.
 *
 * @param url `redis://` or `rediss://`; `?prefix=` is the option of that name
 * @throws MissingPackage where neither `redis` nor `ioredis` is
 * @throws TypeError in words that keep the URL's secrets
 */
export async function redisBusFrom(url: string): Promise<Bus> {
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
  return redisBus(client, {prefix})
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
