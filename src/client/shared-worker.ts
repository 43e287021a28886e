import type {ToHub, ToTab} from './tab-messages.js'

/** What is used of a SharedWorker. */
export interface SharedWorkerLike {
  readonly port: {
    postMessage(message: ToHub): void
    close(): void
    start(): void
    addEventListener(type: 'message', listener: (event: {data: ToTab}) => void): void
  }
  addEventListener(type: 'error', listener: () => void): void
}

/** TypeScript's own types would bring the whole DOM. */
export type SharedWorkerClass = new (
  address: object,
  options: {type: 'module'; name: string},
) => SharedWorkerLike
