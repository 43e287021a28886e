import type {SharedWorkerLike} from './shared-worker.js'
import type {Join, ToHub, ToTab} from './tab-messages.js'

/** A tab's way to the hub. */
export interface Link {
  post(message: ToHub): void
  close(): void
}

export interface LinkEvents {
  heard(message: Exclude<ToTab, {is: 'beat'}>): void
  /** The hub seems gone: a `welcome` will say from where it goes on. */
  doubtful(): void
  /** There is no such way here. */
  failed(): void
}

/** @throws where there is no such way */
export type LinkClass = new (join: Join, events: LinkEvents, worker: () => SharedWorkerLike) => Link
