/**
 * What carries messages, presence and revocations between the nodes of one app. A node is one app in one process.
 *
 * What every bus promises, and `test/contracts/bus.ts` asks of each:
 * - **Messages, at most once.** Whoever is subscribed when the server takes a message hears it once, or it is lost with a
 *   connection, which `down()` tells. `publish()` resolves once the server has accepted it: that is not delivered.
 * - **In order.** What one node publishes on one channel is heard in that order.
 * - **Nothing waits for a server that is gone.** Each call settles within `busTimeout`, and rejects at once while the bus is
 *   down; nothing is kept to be sent later.
 * - **It comes back by itself**, for ever. When `up()` is told, every subscription holds again.
 * - **Leases end with their node**: told by its `close()`, or else within the bus's lease time. No call waits for another node.
 * - **Denials reach every node** within a second, and those that come later when they connect.
 */
export interface Bus {
  /** For log lines and metrics: `redis`, `nats`, ... */
  readonly kind: string
  /** Begins to connect, for as long as it takes, and tells the node when it is `up()`. */
  connect(node: BusNode): BusLink
}

/** One node, as its bus sees it. Nothing here throws. */
export interface BusNode {
  /** Unique among all nodes: letters, digits, `-` and `_`. */
  readonly id: string
  /** A message, on a channel that it has subscribed to. Its own come back to it: whether they do depends on the bus. */
  hear(channel: string, message: Buffer): void
  /** The server answers, and every channel is subscribed to. After `down()`, messages may have been missed. */
  up(): void
  /** The server is gone, or does not answer. Told once, until `up()`. */
  down(error: Error): void
  /** Everything that it holds now, for a server that has forgotten it, and for nodes that have come since. */
  held(): Iterable<Lease>
  /** Leases of a group that it watches. `undefined`: any may have changed, and `leases()` says what there is. */
  changed(group: string, changes: readonly Lease[] | undefined): void
  /** Somebody was denied, by whichever node; some it may know already. */
  denied(denials: readonly Denial[]): void
}

/**
 * What a node may ask of its bus. Channels and groups are short names of letters, digits, `-` and `_` (`channels.ts`).
 *
 * @throws BusError where the server does not answer in time or refuses: every promise here may reject with it, with no other
 */
export interface BusLink {
  publish(channel: string, message: Uint8Array): Promise<void>
  /** Holds from then on, over every loss of the connection; while the bus is down, it is made up for. */
  subscribe(channel: string): Promise<void>
  unsubscribe(channel: string): Promise<void>
  /** Takes leases, changes their values, and lets them go. */
  hold(changes: readonly Lease[]): Promise<void>
  /** Every lease of a group whose node is alive. */
  leases(group: string): Promise<readonly Lease[]>
  /** Holds like a subscription: changes are told to `BusNode.changed()`. */
  watch(group: string): Promise<void>
  unwatch(group: string): Promise<void>
  /** Remembers a denial for all nodes, until it ends, and tells them. */
  deny(denial: Denial): Promise<void>
  /** Lets go of everything it holds, and disconnects. What it was given by a user, it leaves open. Never rejects. */
  close(): Promise<void>
}

/** One thing that one node says is so: somebody is in a room. */
export interface Lease {
  readonly group: string
  /** Unique within the group. */
  readonly id: string
  /** `undefined`: it is let go. */
  readonly value: string | undefined
}

export interface Denial {
  /** Who: the node's own words. */
  readonly what: string
  /** Milliseconds since the epoch, when it ends. */
  readonly until: number
}

/** A bus did not do what it was asked: it is down, or does not answer, or has refused. */
export class BusError extends Error {
  override readonly name = 'BusError'
}

/** Milliseconds in which a bus does what it is asked, or says that it does not. */
export const busTimeout = 2_000

/** Milliseconds after which the leases of a node that is dead are gone, by default. */
export const leaseTime = 60_000

/** How often a node says that it is alive, as a share of the lease time: two may be lost. */
export const renewShare = 25 / 60

/** @throws BusError if it takes longer than `busTimeout`, or rejects */
export async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new BusError(`${what}: the bus has not answered for ${busTimeout} ms`)),
      busTimeout,
    )
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    throw asBusError(error, what)
  } finally {
    clearTimeout(timer)
  }
}

export function asBusError(error: unknown, what: string): BusError {
  if (error instanceof BusError) return error
  const words = error instanceof Error ? error.message : String(error)
  return new BusError(`${what}: ${words}`, {cause: error})
}
