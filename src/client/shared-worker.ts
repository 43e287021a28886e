import type {ToHub, ToTab} from './tab-messages.js'

/** What is used of a SharedWorker. */
export interface SharedWorkerLike {
  readonly port: {
    postMessage(message: ToHub): void
    close(): void
    onmessage: ((event: {data: ToTab}) => void) | null
  }
  onerror: (() => void) | null
}

/** TypeScript's own types would bring the whole DOM. */
export type SharedWorkerClass = new (
  address: string | URL,
  options: {type: 'module'; name: string},
) => SharedWorkerLike
