import type {Bus} from 'candy-ws'

/** A bus in words, so that another process can be told. */
export interface BusChoice {
  readonly url: string
  /** Milliseconds. */
  readonly leaseTime?: number
  /** Whose client an app hands over; without it the bus makes its own. None has a listener for `error`. */
  readonly client?: keyof typeof clients
}

type Make = (url: string, options: object) => Promise<Bus>

/** Clients as an app would have them for itself: connected, and left alone. What is not asked for is not loaded. */
const clients = {
  redis: async (url, options) => {
    const client = (await import('redis')).createClient({url})
    await client.connect()
    return (await import('candy-ws/redis')).redisBus(client, options)
  },
  'redis 5': async (url, options) => {
    const client = (await import('redis5')).createClient({url})
    await client.connect()
    return (await import('candy-ws/redis')).redisBus(client, options)
  },
  ioredis: async (url, options) => {
    const {Redis} = await import('ioredis')
    return (await import('candy-ws/redis')).redisBus(new Redis(url), options)
  },
  'ioredis 5': async (url, options) => {
    const {Redis} = await import('ioredis5')
    return (await import('candy-ws/redis')).redisBus(new Redis(url), options)
  },
  nats: async (url, options) => {
    const {connect} = await import('@nats-io/transport-node')
    const connection = await connect({servers: url, maxReconnectAttempts: -1})
    return (await import('candy-ws/nats')).natsBus(connection, options)
  },
} satisfies Record<string, Make>

export async function busBy({url, leaseTime, client}: BusChoice): Promise<string | Bus> {
  const options = leaseTime === undefined ? {} : {leaseTime}
  if (client) return clients[client](url, options)
  if (leaseTime === undefined) return url
  if (url.startsWith('nats')) return (await import('#candy/cluster/nats-url.js')).natsBusFrom(url, options)
  const {createClient} = await import('redis')
  return (await import('candy-ws/redis')).redisBus(createClient({url}), options)
}
