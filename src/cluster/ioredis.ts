import {busTimeout} from '../rooms/bus.js'
import {libraryError, withoutSecrets} from './library-error.js'
import type {
  Argument,
  Hear,
  RedisCommands,
  RedisMaster,
  RedisSource,
  RedisSubscriber,
} from './redis-client.js'

// `ioredis`, 5 and 6: Redis and Cluster. What is used of them:

interface Client {
  readonly status: string
  on(event: string, listener: (...told: never[]) => void): unknown
  connect(): Promise<unknown>
  disconnect(): void
  call(command: string, ...rest: readonly Argument[]): Promise<unknown>
}

interface Single extends Client {
  /** While it is connected. */
  readonly stream?: {cork?(): void; uncork?(): void} | undefined
  duplicate(options: object): Single
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  ssubscribe(...channels: string[]): Promise<unknown>
  sunsubscribe(...channels: string[]): Promise<unknown>
}

interface Cluster extends Client {
  readonly isCluster: true
  readonly options: {readonly redisOptions?: object}
  duplicate(startupNodes: readonly never[], options: object): Cluster
  nodes(role: 'master'): readonly Single[]
}

/** `undefined`: it is something else. */
export function ioredisSource(client: unknown): RedisSource | undefined {
  if (!isClient(client)) return undefined
  client.on('error', ignore)
  if ('isCluster' in client && client.isCluster === true)
    return {open: lost => new ClusterCommands(client as Cluster, lost)}
  return {open: lost => new SingleCommands(client as Single, lost)}
}

function isClient(client: unknown): client is Client {
  if (typeof client !== 'object' || client === null) return false
  const parts = client as Record<string, unknown>
  const methods = ['on', 'connect', 'disconnect', 'duplicate', 'call']
  return typeof parts.status === 'string' && methods.every(name => typeof parts[name] === 'function')
}

const ignore = () => undefined

/** A connection that is lost stays so: whoever has opened it opens another. */
const options = {
  lazyConnect: true,
  retryStrategy: null,
  reconnectOnError: null,
  maxRetriesPerRequest: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  connectTimeout: busTimeout,
  // What a user has set for keys and replies of its own.
  keyPrefix: '',
  stringNumbers: false,
  enableAutoPipelining: false,
  monitor: false,
  readOnly: false,
}

function likeClient(model: Single, lost: (error: Error) => void): Single {
  const client = model.duplicate(options)
  tell(client, lost)
  return client
}

function tell(client: Client, lost: (error: Error) => void): void {
  client.on('error', (error: Error) => lost(libraryError(error)))
  client.on('end', () => lost(new Error('the connection has ended')))
}

function send(client: Client, [name, ...rest]: readonly Argument[]): Promise<unknown> {
  return withoutSecrets(client.call(String(name), ...rest))
}

class SingleCommands implements RedisCommands {
  readonly isCluster = false
  readonly #model: Single
  readonly #client: Single
  #isCorked = false

  constructor(model: Single, lost: (error: Error) => void) {
    this.#model = model
    this.#client = likeClient(model, lost)
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#client.connect())
  }

  send(_key: string, command: readonly Argument[]): Promise<unknown> {
    if (!this.#isCorked) this.#cork()
    return send(this.#client, command)
  }

  masters(): Promise<readonly RedisMaster[]> {
    return Promise.resolve([(hear, lost) => new Subscriber(this.#model, hear, lost)])
  }

  close(): void {
    this.#client.disconnect()
  }

  /** What is sent in one turn is written at once: a write for each command is half of what it costs. */
  #cork(): void {
    const {stream} = this.#client
    if (!stream?.cork || !stream.uncork) return
    this.#isCorked = true
    stream.cork()
    setImmediate(() => {
      this.#isCorked = false
      stream.uncork?.()
    })
  }
}

class ClusterCommands implements RedisCommands {
  readonly isCluster = true
  readonly #cluster: Cluster

  constructor(model: Cluster, lost: (error: Error) => void) {
    const {redisOptions} = model.options
    this.#cluster = model.duplicate([], {
      ...options,
      redisOptions: {...redisOptions, ...options, enableOfflineQueue: true},
      // It connects to a server when there is a command for it, which waits in this queue, or is refused.
      enableOfflineQueue: true,
      clusterRetryStrategy: null,
      clusterNodeRetryStrategy: null,
      // What was sent on a connection that has ended may have been done.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      scaleReads: 'master',
      shardedSubscribers: false,
    })
    tell(this.#cluster, lost)
    this.#cluster.on('node error', (error: Error) => lost(libraryError(error)))
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#cluster.connect())
    await Promise.all(this.#cluster.nodes('master').map(node => send(node, ['PING'])))
  }

  send(_key: string, command: readonly Argument[]): Promise<unknown> {
    return send(this.#cluster, command)
  }

  masters(): Promise<readonly RedisMaster[]> {
    const nodes = this.#cluster.nodes('master')
    return Promise.resolve(
      nodes.map(node => (hear: Hear, lost: (error: Error) => void) => new Subscriber(node, hear, lost)),
    )
  }

  close(): void {
    this.#cluster.disconnect()
  }
}

class Subscriber implements RedisSubscriber {
  readonly #client: Single

  constructor(model: Single, hear: Hear, lost: (error: Error) => void) {
    this.#client = likeClient(model, lost)
    for (const event of ['messageBuffer', 'smessageBuffer'])
      this.#client.on(event, (channel: Buffer, message: Buffer) => hear(channel.toString(), message))
    // A slot has gone to another server.
    this.#client.on('moved', () => lost(new Error('the cluster has moved a slot')))
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#client.connect())
  }

  send(command: readonly string[]): Promise<unknown> {
    return send(this.#client, command)
  }

  subscribe(channels: readonly string[], sharded: boolean): Promise<unknown> {
    return withoutSecrets(this.#client[sharded ? 'ssubscribe' : 'subscribe'](...channels))
  }

  unsubscribe(channel: string, sharded: boolean): Promise<unknown> {
    return withoutSecrets(this.#client[sharded ? 'sunsubscribe' : 'unsubscribe'](channel))
  }

  close(): void {
    this.#client.disconnect()
  }
}
