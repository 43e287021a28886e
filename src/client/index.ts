export {createClient, type ClientOptions, type ConnectOptions, type TypedClient} from './client.js'
export {RequestError} from './request-error.js'
export type {ErrorMessage, TypedSocket} from './socket.js'
