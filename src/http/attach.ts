import type {IncomingMessage} from 'node:http'
import {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import type {Limit} from '../limits.js'
import {refuseUpgrade} from './refuse.js'

/**
 * A server to attach to: node's own, or what holds one: a Fastify instance (`server`), a Nest application
 * (`getHttpServer()`), a Vite dev server or a Socket.IO server (`httpServer`).
 */
export type AttachTarget = Server | {server: unknown} | {httpServer: unknown} | {getHttpServer(): unknown}

/** An app that answers upgrade requests on a server which others use too. */
export interface UpgradeHandler {
  /** Whether it refuses every request, because its app closes. */
  readonly isClosing: boolean
  /** Whether the request is for one of its routes. */
  isMine(request: IncomingMessage): boolean
  /** Answers the request. From here on the socket is the handler's to end. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, server: Server): void
  /** How long the server's other listeners may take to answer a request that is not the handler's. */
  readonly upgradeTimeout: Limit
}

/**
 * Lets a handler answer its upgrades on a server before the server's own listeners hear of them. Being one more listener
 * would not do: `@fastify/websocket`, Nest's WsAdapter and Socket.IO answer, or cut, every upgrade that they do not know.
 *
 * @returns a function that restores what was there
 */
export function attach(server: Server, handler: UpgradeHandler): () => void {
  let interceptor = interceptors.get(server)
  if (!interceptor) interceptors.set(server, (interceptor = new Interceptor(server)))
  return interceptor.add(handler)
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

/** Receives the upgrades of one server before its `upgrade` listeners do. */
class Interceptor {
  readonly #server: Server
  /** Each handler with the function that removes it. After removing and adding again, only the newer function works. */
  readonly #handlers = new Map<UpgradeHandler, () => void>()
  readonly #original: Server['emit']
  readonly #ownBefore: boolean
  readonly #emit: Server['emit']
  /** What our `emit` has looked at, and passes on now. */
  #passed: IncomingMessage | undefined

  constructor(server: Server) {
    this.#server = server
    this.#original = Reflect.get(server, 'emit')
    this.#ownBefore = Object.hasOwn(server, 'emit')
    this.#emit = (event: string, ...args: unknown[]) =>
      event === 'upgrade'
        ? this.#upgrade(...(args as [IncomingMessage, Duplex, Buffer]))
        : Reflect.apply(this.#original, server, [event, ...args])
    server.emit = this.#emit
    server.on('upgrade', this.#listener)
  }

  /**
   * Needed beside our `emit` for two reasons: node emits `upgrade` only where somebody listens for it; and whoever kept
   * the server's `emit` from before we replaced it reaches us here alone. Fastify does: a host name with several
   * addresses has a server for each, and all but the first call the `emit` they kept of the first.
   */
  readonly #listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (this.#passed !== request) this.#intercept(request, socket, head)
  }

  add(handler: UpgradeHandler): () => void {
    const there = this.#handlers.get(handler)
    if (there) return there
    const remove = () => {
      if (this.#handlers.get(handler) !== remove) return
      this.#handlers.delete(handler)
      if (this.#handlers.size === 0) this.#restore()
    }
    this.#handlers.set(handler, remove)
    return remove
  }

  /** If somebody has wrapped our `emit` in one of their own, theirs stays, and ours below it passes everything on. */
  #restore(): void {
    interceptors.delete(this.#server)
    this.#server.off('upgrade', this.#listener)
    if (this.#server.emit !== this.#emit) return
    if (this.#ownBefore) this.#server.emit = this.#original
    else Reflect.deleteProperty(this.#server, 'emit')
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (this.#intercept(request, socket, head)) return true
    const before = this.#passed
    this.#passed = request
    try {
      return Reflect.apply(this.#original, this.#server, ['upgrade', request, socket, head])
    } finally {
      this.#passed = before
    }
  }

  /** @returns whether the request was taken, and the server's own listeners must not hear of it */
  #intercept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const owner = this.#ownerOf(request)
    const handler = owner ?? this.#handlers.keys().next().value
    if (!handler) return false
    if (!owner && this.#server.listeners('upgrade').some(listener => listener !== this.#listener)) {
      answerIfNobodyDoes(socket, handler.upgradeTimeout)
      return false
    }
    // Where nobody else listens, somebody must answer: a socket without an answer hangs for ever.
    handler.take(request, socket, head, this.#server)
    return true
  }

  #ownerOf(request: IncomingMessage): UpgradeHandler | undefined {
    if (isVite(request)) return undefined
    const owners = [...this.#handlers.keys()].filter(handler => handler.isMine(request))
    // Of an app that drains, the one that replaces it may be there already.
    return owners.find(handler => !handler.isClosing) ?? owners[0]
  }
}

/** Vite recognises its own sockets by their subprotocol, whatever path they ask for. */
function isVite(request: IncomingMessage): boolean {
  return /^vite-(?:hmr|ping)$/.test(request.headers['sec-websocket-protocol'] ?? '')
}

/**
 * Some hosts ignore an upgrade that they do not know. If nobody has read from the socket or written to it when the time
 * is over, we answer 404. Listeners for `error` and `close` do not count: Vite and Next add them to sockets they ignore.
 */
function answerIfNobodyDoes(socket: Duplex, time: Limit): void {
  // Without an `error` listener, a reset of the socket would end the process.
  socket.on('error', ignore)
  if (time === 'off') return
  const before = traces(socket)
  const timer = setTimeout(() => {
    if (traces(socket) === before) refuseUpgrade(socket, 404)
  }, time)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

const reading = ['data', 'drain', 'end', 'finish', 'readable'] as const

/** Changes when somebody uses the socket. Only a change counts: a kept-alive connection has written bytes before. */
function traces(socket: Duplex): string {
  const listeners = reading.map(event => socket.listenerCount(event))
  return [(socket as {bytesWritten?: number}).bytesWritten, ...listeners].join(' ')
}

function ignore(): void {
  // `close` follows, and is what counts.
}
