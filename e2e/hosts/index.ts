import {expressHost} from './express.js'
import {fastifyWebsocket} from './fastify-websocket.js'
import {fastifyHost} from './fastify.js'
import {honoHost} from './hono.js'
import {nestHost} from './nest.js'
import {nextHost} from './next.js'
import {nodeHttp} from './node-http.js'
import {nodeHttps} from './node-https.js'
import {socketIo} from './socket-io.js'
import {viteHost} from './vite.js'
import type {Host} from './host.js'

/** Those whom the guide's table names, in its order. */
export const hosts: readonly Host[] = [
  nodeHttp,
  nodeHttps,
  expressHost,
  fastifyHost,
  fastifyWebsocket,
  honoHost,
  socketIo,
  viteHost,
  nestHost,
  nextHost,
]
