/** What a node in a worker tells the relay in the primary; what has a number `ask` is answered. */
export type ToRelay = {readonly candy: 'relay'; readonly node: string} & (
  | {
      /** It hears these channels, and no others. */
      readonly act: 'open'
      readonly ask: number
      readonly channels: readonly string[]
    }
  | {readonly act: 'subscribe' | 'unsubscribe'; readonly ask: number; readonly channel: string}
  | {readonly act: 'publish'; readonly channel: string; readonly message: Uint8Array}
  | {readonly act: 'ping'; readonly ask: number}
  | {readonly act: 'close'}
)

/** What the relay tells a node. */
export type FromRelay = {readonly candy: 'relay'; readonly node: string} & (
  | {readonly told: 'done'; readonly ask: number}
  | {readonly told: 'message'; readonly channel: string; readonly message: Uint8Array}
  /** Messages for it were dropped. */
  | {readonly told: 'missed'}
  /** Another node's process has ended. */
  | {readonly told: 'gone'; readonly gone: string}
)

/** `undefined` for what an app's own code sends: the channel is open to it. */
export function toRelay(sent: unknown): ToRelay | undefined {
  const {candy, node, act, ask, channel, channels, message} = (sent ?? {}) as Record<string, unknown>
  if (candy !== 'relay' || typeof node !== 'string') return undefined
  const isSound =
    act === 'publish'
      ? typeof channel === 'string' && message instanceof Uint8Array
      : act === 'close' ||
        (typeof ask === 'number' &&
          (act === 'ping' ||
            (act === 'open' && Array.isArray(channels)) ||
            ((act === 'subscribe' || act === 'unsubscribe') && typeof channel === 'string')))
  return isSound ? (sent as ToRelay) : undefined
}

/** Likewise. */
export function fromRelay(message: unknown): FromRelay | undefined {
  const {candy, told} = (message ?? {}) as {candy?: unknown; told?: unknown}
  return candy === 'relay' && typeof told === 'string' ? (message as FromRelay) : undefined
}
