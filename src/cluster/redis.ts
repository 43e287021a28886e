import {leaseTime as defaultLeaseTime, type Bus} from '../rooms/bus.js'
import {RedisLink} from './redis-link.js'
import {RedisNames} from './redis-names.js'
import {sourceOf, type RedisClient} from './redis-source.js'

export type {Bus} from '../rooms/bus.js'
export type {RedisClient} from './redis-source.js'

export interface RedisBusOptions {
  /**
   * What every key and channel begins with: apps that share a server have one each, since channels know nothing of databases.
   * Letters, digits and any of `: . _ -`. Default `candy`.
   */
  readonly prefix?: string | undefined
  /** Milliseconds after which a node that is dead is present no more. Default 60,000. */
  readonly leaseTime?: number | undefined
}

/**
 * Joins the nodes of an app over Redis 6 or newer, or Valkey; over Redis Cluster too, with sharded channels where it has them.
 *
 * The client need not be connected and is never used itself, nor closed: the bus makes connections like it. It gets a listener
 * for `error`, without which a lost connection ends the process.
 *
 * @throws TypeError
 */
export function redisBus(
  client: RedisClient,
  {prefix = 'candy', leaseTime = defaultLeaseTime}: RedisBusOptions = {},
): Bus {
  const source = sourceOf(client)
  const names = new RedisNames(prefix)
  if (!(leaseTime >= 1_000 && leaseTime < 2 ** 31))
    throw new TypeError('leaseTime: milliseconds, 1,000 or more')
  return {kind: 'redis', connect: node => new RedisLink(source, names, node, leaseTime)}
}
