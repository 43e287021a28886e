export {createClient, type ClientOptions, type ConnectOptions, type TypedClient} from './client.js'
export {RequestError} from './request-error.js'
export type {TypedSocket} from './socket.js'
