import {connect} from '@nats-io/transport-node'
import type {Bus} from 'candy-ws'
import {Redis} from 'ioredis'
import {Redis as Redis5} from 'ioredis5'
import {createClient} from 'redis'
import {createClient as createClient5} from 'redis5'
import {natsBusFrom} from '#candy/cluster/nats-url.js'
import {natsBus} from '#candy/cluster/nats.js'
import {redisBus} from '#candy/cluster/redis.js'

/** A bus in words, so that another process can be told. */
export interface BusChoice {
  readonly url: string
  /** Milliseconds. */
  readonly leaseTime?: number
  /** Whose client an app hands over; without it the bus makes its own. None has a listener for `error`. */
  readonly client?: keyof typeof clients
}

/** Clients as an app would have them for itself: connected, and left alone. */
const clients = {
  redis: async (url: string, options: object) => {
    const client = createClient({url})
    await client.connect()
    return redisBus(client, options)
  },
  'redis 5': async (url: string, options: object) => {
    const client = createClient5({url})
    await client.connect()
    return redisBus(client, options)
  },
  ioredis: async (url: string, options: object) => redisBus(new Redis(url), options),
  'ioredis 5': async (url: string, options: object) => redisBus(new Redis5(url), options),
  nats: async (url: string, options: object) =>
    natsBus(await connect({servers: url, maxReconnectAttempts: -1}), options),
}

export async function busBy({url, leaseTime, client}: BusChoice): Promise<string | Bus> {
  const options = leaseTime === undefined ? {} : {leaseTime}
  if (client) return clients[client](url, options)
  if (leaseTime === undefined) return url
  return url.startsWith('nats') ? natsBusFrom(url, options) : redisBus(createClient({url}), options)
}
