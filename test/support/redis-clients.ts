import {randomBytes} from 'node:crypto'
import {Cluster, Redis} from 'ioredis'
import {Cluster as Cluster5, Redis as Redis5} from 'ioredis5'
import {createClient, createCluster} from 'redis'
import {createClient as createClient5, createCluster as createCluster5} from 'redis5'
import type {RedisClient} from '#candy/cluster/redis.js'

/** A client of each library, not connected. */
export const clients: Readonly<Record<string, (url: string) => RedisClient>> = {
  'redis 6': url => createClient({url}),
  'ioredis 6': url => new Redis(url, {lazyConnect: true}),
  'redis 5': url => createClient5({url}),
  'ioredis 5': url => new Redis5(url, {lazyConnect: true}),
}

export const clusters: Readonly<Record<string, (url: string) => RedisClient>> = {
  'redis 6': url => createCluster({rootNodes: [{url}]}),
  'ioredis 6': url => new Cluster([url], {lazyConnect: true}),
  'redis 5': url => createCluster5({rootNodes: [{url}]}),
  'ioredis 5': url => new Cluster5([url], {lazyConnect: true}),
}

/** So that tests which share a server do not meet. */
export function freshPrefix(): string {
  return `candy-test-${randomBytes(6).toString('hex')}`
}
