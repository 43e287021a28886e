// What the bus needs of a client library. `node-redis.ts` and `ioredis.ts` are two ways to it.

export type Argument = string | Buffer

/** A user's client, and what is made after its model: connections that end when they are lost, and do not come back. */
export interface RedisSource {
  /** @param lost told, perhaps more than once, when it takes no commands any more */
  open(lost: (error: Error) => void): RedisCommands
}

export interface RedisCommands {
  readonly isCluster: boolean
  /** Once. */
  connect(): Promise<void>
  /** @param key what it is about: in a cluster the server that has it is asked */
  send(key: string, command: readonly Argument[]): Promise<unknown>
  /** The servers that one may subscribe at: one, but in a cluster every master. */
  masters(): Promise<readonly RedisMaster[]>
  close(): void
}

export type RedisMaster = (hear: Hear, lost: (error: Error) => void) => RedisSubscriber

export type Hear = (channel: string, message: Buffer) => void

export interface RedisSubscriber {
  /** Once. */
  connect(): Promise<void>
  send(command: readonly string[]): Promise<unknown>
  /** @param sharded the channels are in one slot, and known to its server only */
  subscribe(channels: readonly string[], sharded: boolean): Promise<unknown>
  unsubscribe(channel: string, sharded: boolean): Promise<unknown>
  close(): void
}
