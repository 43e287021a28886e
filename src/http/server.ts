import {createServer, type RequestListener, type Server} from 'node:http'
import type {AddressInfo, Server as NetServer, Socket} from 'node:net'
import {describeError, type Logger} from '../log.js'
import type {ActiveRequests} from './active-requests.js'
import {drain} from './drain.js'
import type {Upgrades} from './upgrade.js'

export interface ListenOptions {
  /** 0 takes a free one. Default 3000. */
  port?: number
  /** Default `'127.0.0.1'`: open to the network only when you say so. */
  host?: string
}

export interface CloseOptions {
  /** Milliseconds clients and handlers have to end by themselves; the rest is cut. Default 5,000. */
  drain?: number
}

/** Candy's own HTTP server: hands requests to the pages, and upgrades to `Upgrades`. */
export class HttpServer {
  readonly #server: Server
  readonly #upgrades: Upgrades
  readonly #activeRequests: ActiveRequests
  readonly #log: Logger
  /** Connections that were not accepted here, which node's server does not count as its own. */
  readonly #foreign = new Set<Socket>()
  #url: string | undefined

  constructor(pages: RequestListener, upgrades: Upgrades, activeRequests: ActiveRequests, log: Logger) {
    this.#upgrades = upgrades
    this.#activeRequests = activeRequests
    this.#log = log
    this.#server = createServer(pages)
    this.#server.on('upgrade', (request, socket, head) => {
      this.#foreign.delete(request.socket)
      upgrades.take(request, socket, head, this.#server)
    })
  }

  get url(): string | undefined {
    return this.#url
  }

  /** Resolves to the port it took. Rejects with one clear line if it is in use. */
  async listen(port: number, host: string): Promise<number> {
    await listen(this.#server, port, host)
    // For example when the process has no file descriptors left and cannot accept connections for a while.
    this.#server.on('error', error => this.#log.error(describeError(error), 'the server failed'))
    const taken = (this.#server.address() as AddressInfo).port
    this.#url = urlOf(host, taken)
    return taken
  }

  /** Serves a connection that another process has accepted and handed over. */
  accept(socket: Socket): void {
    this.#foreign.add(socket)
    socket.once('close', () => this.#foreign.delete(socket))
    this.#server.emit('connection', socket)
  }

  /** Accepts no more connections, gives the open ones `time` milliseconds to end, and cuts the rest. */
  async close(time: number): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>(resolve => (timer = setTimeout(resolve, time)))
    this.#server.closeIdleConnections()
    for (const socket of this.#foreign) if (this.#activeRequests.isIdle(socket)) socket.destroy()
    await drain(this.#upgrades, time)
    // Waits for answers under way, but not for connections that are only kept alive.
    await Promise.race([this.#activeRequests.idle(), deadline])
    this.#server.closeAllConnections()
    for (const socket of this.#foreign) socket.destroy()
    await closed
    clearTimeout(timer)
  }
}

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Rejects with one clear line if the port is in use. */
export function listen(server: NetServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(Object.assign(new Error(`port ${port} on ${host} is in use`), {code: error.code}))
    }
    const closed = () => reject(new Error('The app is closed: createApp() makes a new one'))
    server.once('error', failed)
    server.once('close', closed)
    server.listen(port, host, () => {
      server.off('error', failed).off('close', closed)
      resolve()
    })
  })
}
