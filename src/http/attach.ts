import type {IncomingMessage} from 'node:http'
import {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import {bound, maxInt32, type Limit} from '../options.js'
import {wantsWebSocket} from './plain.js'
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
  /** Answers as a plain request what does not want to become a WebSocket. */
  ignore(server: Server, request: IncomingMessage, socket: Duplex): void
  /** How long others may take over what is not its own. */
  readonly patience: Limit
}

/**
 * Lets a taker answer its upgrades on a server, before anybody else hears of them: as one more listener it would meet
 * those that answer, or cut, whatever they do not know (`@fastify/websocket`, Nest's WsAdapter, Socket.IO).
 *
 * @returns a function that restores what was there
 */
export function attach(server: Server, taker: UpgradeTaker): () => void {
  let interceptor = interceptors.get(server)
  if (!interceptor) interceptors.set(server, (interceptor = new Interceptor(server)))
  return interceptor.add(taker)
}

/** One per server, however many apps attach to it. */
const interceptors = new WeakMap<Server, Interceptor>()

/** The server in a target. @throws TypeError that says what to attach to instead */
export function serverOf(target: unknown): Server {
  const holder = target as {server?: unknown; httpServer?: unknown; getHttpServer?: () => unknown} | null
  const nest = typeof holder?.getHttpServer === 'function' ? holder.getHttpServer() : undefined
  const found = [target, nest, holder?.httpServer, holder?.server].find(one => one instanceof Server)
  if (found instanceof Server) return found
  if (typeof target === 'function')
    throw new TypeError(
      'attach() takes a server and got a function: attach to what its listen() returns, or to createServer(app)',
    )
  if (holder?.httpServer === null)
    throw new TypeError(
      'attach() got a Vite server in middleware mode, which has none: attach to the server that its middlewares run in',
    )
  throw new TypeError(
    'attach() takes a node server, or what holds one as `server`, `httpServer` or `getHttpServer()`',
  )
}

/** Stands before the `upgrade` listeners of one server. */
class Interceptor {
  readonly #server: Server
  /** Who takes, and the function that ends it: of one that took before and came back, only the last ends it. */
  readonly #takers = new Map<UpgradeTaker, () => void>()
  readonly #original: Server['emit']
  readonly #ownBefore: boolean
  readonly #emit: Server['emit']
  /** Requests that came by `emit`. */
  readonly #met = new WeakSet<IncomingMessage>()

  constructor(server: Server) {
    this.#server = server
    this.#original = Reflect.get(server, 'emit')
    this.#ownBefore = Object.hasOwn(server, 'emit')
    this.#emit = (event: string, ...args: unknown[]) =>
      (event === 'upgrade' && this.#takes(...(args as [IncomingMessage, Duplex, Buffer]))) ||
      Reflect.apply(this.#original, server, [event, ...args])
    server.emit = this.#emit
    server.on('upgrade', this.#listener)
  }

  /**
   * Node asks whether anybody listens before it emits. And an `emit` that somebody kept from before leads here only:
   * Fastify keeps one for each address that its host name has beside the first.
   */
  readonly #listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!this.#met.has(request)) this.#takes(request, socket, head)
  }

  add(taker: UpgradeTaker): () => void {
    const there = this.#takers.get(taker)
    if (there) return there
    const remove = () => {
      if (this.#takers.get(taker) !== remove) return
      this.#takers.delete(taker)
      if (this.#takers.size === 0) this.#restore()
    }
    this.#takers.set(taker, remove)
    return remove
  }

  /** Whoever has put another `emit` over this one keeps it; what is left here then only passes on. */
  #restore(): void {
    interceptors.delete(this.#server)
    this.#server.off('upgrade', this.#listener)
    if (this.#server.emit !== this.#emit) return
    if (this.#ownBefore) this.#server.emit = this.#original
    else Reflect.deleteProperty(this.#server, 'emit')
  }

  #takes(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [first] = this.#takers.keys()
    if (!first) return false
    this.#met.add(request)
    const taker = isVite(request) ? undefined : [...this.#takers.keys()].find(one => one.isMine(request))
    if (!taker && this.#server.listeners('upgrade').some(listener => listener !== this.#listener)) {
      answerIfNobodyDoes(socket, first.patience)
      return false
    }
    // Nobody else would answer: a socket without an answer hangs for ever.
    if (wantsWebSocket(request)) (taker ?? first).take(request, socket, head)
    else first.ignore(this.#server, request, socket)
    return true
  }
}

/** Vite tells its own sockets by subprotocol, whatever their path. */
function isVite(request: IncomingMessage): boolean {
  return /^vite-(?:hmr|ping)$/.test(request.headers['sec-websocket-protocol'] ?? '')
}

/**
 * Some look away from what they do not know: after a while nobody has read from the socket or written to it, and we
 * answer. A listener for `error` or `close` alone says nothing: Vite and Next put those on what they look away from.
 */
function answerIfNobodyDoes(socket: Duplex, patience: Limit): void {
  // A reset of a socket that nobody looks at would end the process.
  socket.on('error', ignore)
  if (patience === 'off') return
  const before = traces(socket)
  const timer = setTimeout(
    () => {
      if (traces(socket) === before) refuseUpgrade(socket, 404)
    },
    Math.min(bound(patience), maxInt32),
  )
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

const reading = ['data', 'drain', 'end', 'finish', 'readable'] as const

/** What a socket shows of whoever uses it. A connection that was kept alive has written before. */
function traces(socket: Duplex): string {
  const listeners = reading.map(event => socket.listenerCount(event))
  return [(socket as {bytesWritten?: number}).bytesWritten, ...listeners].join(' ')
}

function ignore(): void {
  // The socket's `close` tells the rest.
}
