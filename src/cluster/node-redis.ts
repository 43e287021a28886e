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

// `redis`, 5 and 6: createClient() and createCluster(). What is used of them:

interface Events {
  on(event: string, listener: (error?: unknown) => void): unknown
}

interface Subscribing {
  (channels: string | string[], listener: Listener, asBuffers: true): Promise<unknown>
}

type Listener = (message: Buffer, channel: Buffer) => void

interface Client extends Events {
  readonly isPubSubActive: boolean
  readonly options?: {readonly socket?: object} | undefined
  connect(): Promise<unknown>
  destroy(): void
  duplicate(options: object): Client
  sendCommand(command: readonly Argument[]): Promise<unknown>
  subscribe: Subscribing
  unsubscribe: Subscribing
  sSubscribe: Subscribing
  sUnsubscribe: Subscribing
}

interface Cluster<Node = object> extends Events {
  readonly masters: readonly Node[]
  readonly _options?: {readonly defaults?: {readonly socket?: object}} | undefined
  connect(): Promise<unknown>
  destroy(): void
  duplicate(options: object): Cluster
  nodeClient(node: Node): Client | Promise<Client>
  sendCommand(key: string, isReadonly: boolean, command: readonly Argument[]): Promise<unknown>
}

/** `undefined`: it is something else. */
export function nodeRedisSource(client: unknown): RedisSource | undefined {
  if (!has(client, ['connect', 'destroy', 'duplicate', 'sendCommand', 'on'])) return undefined
  if (has(client, ['nodeClient'])) {
    const cluster = client as unknown as Cluster
    cluster.on('error', ignore)
    return {open: lost => new ClusterCommands(cluster, lost)}
  }
  // A pool and a Sentinel have none.
  if (typeof (client as Partial<Client>).isPubSubActive !== 'boolean') return undefined
  const single = client as unknown as Client
  // Without a listener an error ends the process.
  single.on('error', ignore)
  return {open: lost => new SingleCommands(single, lost)}
}

function has(client: unknown, methods: readonly string[]): client is object {
  if (typeof client !== 'object' || client === null) return false
  return methods.every(name => typeof (client as Record<string, unknown>)[name] === 'function')
}

const ignore = () => undefined

/** A connection that is lost stays so: whoever has opened it opens another. */
const optionsOf = (socket: object | undefined) => ({
  socket: {...socket, reconnectStrategy: false, connectTimeout: busTimeout, socketTimeout: undefined},
  disableOfflineQueue: true,
  // Not what a user has set for replies and keys of its own; nor a timer for each command, as is the default.
  commandOptions: {timeout: undefined},
  clientSideCache: undefined,
  keyPrefix: undefined,
})

function likeClient(model: Client, lost: (error: Error) => void): Client {
  const client = model.duplicate(optionsOf(model.options?.socket))
  client.on('error', error => lost(libraryError(error)))
  client.on('end', () => lost(new Error('the connection has ended')))
  return client
}

class SingleCommands implements RedisCommands {
  readonly isCluster = false
  readonly #model: Client
  readonly #client: Client

  constructor(model: Client, lost: (error: Error) => void) {
    this.#model = model
    this.#client = likeClient(model, lost)
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#client.connect())
  }

  send(_key: string, command: readonly Argument[]): Promise<unknown> {
    return withoutSecrets(this.#client.sendCommand(command))
  }

  masters(): Promise<readonly RedisMaster[]> {
    return Promise.resolve([(hear, lost) => new Subscriber(this.#model, hear, lost)])
  }

  close(): void {
    end(this.#client)
  }
}

class ClusterCommands implements RedisCommands {
  readonly isCluster = true
  readonly #cluster: Cluster

  constructor(model: Cluster, lost: (error: Error) => void) {
    const defaults = model._options?.defaults
    const options = optionsOf(defaults?.socket)
    this.#cluster = model.duplicate({defaults: {...defaults, ...options}, ...options, socket: undefined})
    for (const event of ['error', 'node-error']) this.#cluster.on(event, error => lost(libraryError(error)))
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#cluster.connect())
  }

  send(key: string, command: readonly Argument[]): Promise<unknown> {
    return withoutSecrets(this.#cluster.sendCommand(key, false, command))
  }

  async masters(): Promise<readonly RedisMaster[]> {
    const nodes = await Promise.all(
      this.#cluster.masters.map(async node => await this.#cluster.nodeClient(node)),
    )
    return nodes.map(node => (hear: Hear, lost: (error: Error) => void) => new Subscriber(node, hear, lost))
  }

  close(): void {
    end(this.#cluster)
  }
}

class Subscriber implements RedisSubscriber {
  readonly #client: Client
  readonly #listener: Listener

  constructor(model: Client, hear: Hear, lost: (error: Error) => void) {
    this.#client = likeClient(model, lost)
    // A slot has gone to another server.
    this.#client.on('sharded-channel-moved', () => lost(new Error('the cluster has moved a slot')))
    this.#listener = (message, channel) => hear(channel.toString(), message)
  }

  async connect(): Promise<void> {
    await withoutSecrets(this.#client.connect())
  }

  send(command: readonly string[]): Promise<unknown> {
    return withoutSecrets(this.#client.sendCommand(command))
  }

  subscribe(channels: readonly string[], sharded: boolean): Promise<unknown> {
    const how = sharded ? 'sSubscribe' : 'subscribe'
    return withoutSecrets(this.#client[how]([...channels], this.#listener, true))
  }

  unsubscribe(channel: string, sharded: boolean): Promise<unknown> {
    const how = sharded ? 'sUnsubscribe' : 'unsubscribe'
    return withoutSecrets(this.#client[how](channel, this.#listener, true))
  }

  close(): void {
    end(this.#client)
  }
}

function end(client: Client | Cluster): void {
  try {
    client.destroy()
  } catch {
    // It is closed.
  }
}
