import {candyWith} from './candy.js'
import {clientOf} from './client.js'
import type {SharedWorkerClass} from './shared-worker.js'

export type {Closing} from './channel.js'
export type {CandyClient, SocketOptions} from './candy.js'
export type {ClientOptions, ConnectOptions, TypedClient} from './client.js'
export type {Presence, PresentUser} from './presence.js'
export {RequestError} from './request-error.js'
export type {Socket, SocketEvents, SocketState} from './socket.js'
export type {ErrorMessage, TypedEvents, TypedSocket} from './typed-socket.js'

declare const SharedWorker: SharedWorkerClass

/** The client of an app: `Candy.ws(path)`. */
export const Candy = candyWith(
  // As it stands: bundlers know it, and bring the file along.
  () => new SharedWorker(new URL('./worker.js', import.meta.url), {type: 'module', name: 'candy.v1'}),
)

export const createClient = clientOf(Candy)
