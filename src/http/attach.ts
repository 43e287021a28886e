import type {IncomingMessage} from 'node:http'
import {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import {bound, maxInt32, type Limit} from '../options.js'
import {refuseUpgrade} from './refuse.js'

/**
 * A server to attach to: node's own, or what holds one: a Fastify instance (`server`), a Nest application
 * (`getHttpServer()`), a Vite dev server or a Socket.IO server (`httpServer`).
 */
export type AttachTarget = Server | {server: unknown} | {httpServer: unknown} | {getHttpServer(): unknown}

/** Who answers upgrade requests on a server that others use too. */
export interface UpgradeTaker {
  /** Whether the request is for one of its routes. */
  isMine(request: IncomingMessage): boolean
  /** From here on the socket is its own to answer and to end. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** How long others may take over what is not its own. */
  readonly patience: Limit
}

/**
 * Lets a taker answer its upgrades on a server, before anybody else hears of them: as one more listener it would meet
 * those that answer, or cut, whatever they do not know (`@fastify/websocket`, Nest's WsAdapter, Socket.IO).
 *
 * @returns a function that restores what was there
 * @throws TypeError if there is no server in the target
 */
export function attach(target: AttachTarget, taker: UpgradeTaker): () => void {
  const server = serverOf(target)
  let interceptor = interceptors.get(server)
  if (!interceptor) interceptors.set(server, (interceptor = new Interceptor(server)))
  interceptor.add(taker)
  return () => interceptor.remove(taker)
}

/** One per server, however many apps attach to it. */
const interceptors = new WeakMap<Server, Interceptor>()

function serverOf(target: unknown): Server {
  const holder = target as {server?: unknown; httpServer?: unknown; getHttpServer?: () => unknown} | null
  const nest = typeof holder?.getHttpServer === 'function' ? holder.getHttpServer() : undefined
  const found = [target, nest, holder?.httpServer, holder?.server].find(one => one instanceof Server)
  if (found instanceof Server) return found
  throw new TypeError(
    typeof target === 'function'
      ? 'attach() takes a server and got a function: attach to what its listen() returns, or to createServer(app)'
      : 'attach() takes a node server, or what holds one as `server`, `httpServer` or `getHttpServer()`',
  )
}

/** Stands before the `upgrade` listeners of one server. */
class Interceptor {
  readonly #server: Server
  readonly #takers = new Set<UpgradeTaker>()
  readonly #original: Server['emit']
  readonly #ownBefore: boolean
  readonly #emit: Server['emit']

  constructor(server: Server) {
    this.#server = server
    this.#original = server.emit
    this.#ownBefore = Object.hasOwn(server, 'emit')
    this.#emit = (event: string, ...args: unknown[]) =>
      (event === 'upgrade' && this.#takes(...(args as [IncomingMessage, Duplex, Buffer]))) ||
      Reflect.apply(this.#original, server, [event, ...args])
    server.emit = this.#emit
    // Node asks whether anybody listens before it emits.
    server.on('upgrade', listens)
  }

  add(taker: UpgradeTaker): void {
    this.#takers.add(taker)
  }

  /** Whoever has put another `emit` over this one keeps it; what is left here then only passes on. */
  remove(taker: UpgradeTaker): void {
    this.#takers.delete(taker)
    if (this.#takers.size > 0 || interceptors.get(this.#server) !== this) return
    interceptors.delete(this.#server)
    this.#server.off('upgrade', listens)
    if (this.#server.emit !== this.#emit) return
    if (this.#ownBefore) this.#server.emit = this.#original
    else Reflect.deleteProperty(this.#server, 'emit')
  }

  #takes(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [first] = this.#takers
    if (!first) return false
    const others = this.#server.listenerCount('upgrade') > 1
    const taker = isVite(request) ? undefined : [...this.#takers].find(one => one.isMine(request))
    if (!taker && others) {
      answerIfNobodyDoes(socket, first.patience)
      return false
    }
    // Nobody else would answer: a socket without an answer hangs for ever.
    const answering = taker ?? first
    answering.take(request, socket, head)
    return true
  }
}

/** Vite tells its own sockets by subprotocol, whatever their path. */
function isVite(request: IncomingMessage): boolean {
  return /^vite-(?:hmr|ping)$/.test(request.headers['sec-websocket-protocol'] ?? '')
}

const signs = ['close', 'data', 'drain', 'end', 'error', 'finish', 'readable'] as const

/** Some (Vite is one) look away from what they do not know: after a while nobody has touched the socket, and we answer. */
function answerIfNobodyDoes(socket: Duplex, patience: Limit): void {
  // A reset of a socket that nobody looks at would end the process.
  socket.on('error', ignore)
  if (patience === 'off') return
  const timer = setTimeout(
    () => {
      const untouched = (socket as {bytesWritten?: number}).bytesWritten === 0 && heard(socket) === before
      if (untouched) refuseUpgrade(socket, 404)
    },
    Math.min(bound(patience), maxInt32),
  )
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  const before = heard(socket)
}

function heard(socket: Duplex): number {
  return signs.reduce((count, event) => count + socket.listenerCount(event), 0)
}

function listens(): void {
  // `emit` has answered already, or somebody else does.
}

function ignore(): void {
  // The socket's `close` tells the rest.
}
