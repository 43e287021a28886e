import {ioredisSource} from './ioredis.js'
import {nodeRedisSource} from './node-redis.js'
import type {RedisSource} from './redis-client.js'

/** `createClient()` or `createCluster()` of `redis`, `new Redis()` or `new Cluster()` of `ioredis`, 5 or 6. */
export interface RedisClient {
  connect(): Promise<unknown>
  duplicate(...options: never[]): unknown
  on(event: string, listener: (error: Error) => void): unknown
}

/** @throws TypeError */
export function sourceOf(client: unknown): RedisSource {
  const source = nodeRedisSource(client) ?? ioredisSource(client)
  if (source) return source
  throw new TypeError(
    "redisBus() takes a client: createClient() or createCluster() of 'redis', new Redis() or new Cluster() of 'ioredis'",
  )
}
