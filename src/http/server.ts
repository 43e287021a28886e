import {createServer, type IncomingMessage, type RequestListener, type Server} from 'node:http'
import type {AddressInfo, Server as NetServer, Socket} from 'node:net'
import {describeError} from '../log.js'
import {headOptions, Heads, type HeadLimits} from './heads.js'
import {drain, type DrainOptions, type DrainParts} from './drain.js'
import {giveWay} from './give-way.js'
import {isStrangeHost, strangeHostRemedy, type HostPolicy} from './strange-host.js'

export interface ListenOptions {
  /** 0 takes a free one. Default 3000. */
  port?: number
  /** Default `'127.0.0.1'`: open to the network only when you say so. */
  host?: string
}

export interface CloseOptions {
  /** Milliseconds clients and handlers have to end by themselves; the rest is cut. Default `limits.drainTimeout`, 25,000. */
  drain?: number
}

export interface ServerParts extends Omit<DrainParts, 'stopListening'> {
  /** Answers requests. */
  readonly pages: RequestListener
  readonly limits: HeadLimits
  readonly hosts: HostPolicy
}

/** Candy's own HTTP server: hands requests to the pages, and upgrades to `Upgrades`. */
export class HttpServer {
  readonly #server: Server
  readonly #parts: ServerParts
  /** Connections that were not accepted here, which node's server does not count as its own. */
  readonly #foreign = new Set<Socket>()
  #url: string | undefined

  constructor(parts: ServerParts) {
    const {pages, upgrades, limits, journal} = parts
    const heads = new Heads(limits, journal)
    this.#parts = parts
    this.#server = createServer(headOptions(limits), (request, response) => {
      if (heads.isTooLong(request)) return void response.writeHead(431, {Connection: 'close'}).end()
      if (this.#isStrange(request))
        return void response.writeHead(403, plainText).end(`${strangeHostRemedy}\n`)
      // Whoever asks again is to ask the next server.
      if (upgrades.isEnding) response.shouldKeepAlive = false
      pages(request, response)
    })
    this.#server.maxHeadersCount = heads.mostRead
    this.#server.on('clientError', heads.failed)
    this.#server.on('upgrade', (request, socket, head) => {
      const isStrange = this.#isStrange(request)
      this.#foreign.delete(request.socket)
      if (isStrange) upgrades.refuse(socket, 403, 'origin')
      else if (heads.isTooLong(request)) upgrades.refuse(socket, 431, 'maxHeaders')
      else upgrades.take(request, socket, head, this.#server)
    })
  }

  get url(): string | undefined {
    return this.#url
  }

  /** Resolves to the port it took. Rejects with one clear line if it is in use. */
  async listen(port: number, host: string): Promise<number> {
    await listen(this.#server, port, host)
    // For example when the process has no file descriptors left and cannot accept connections for a while.
    this.#server.on('error', error =>
      this.#parts.journal.log.error(describeError(error), 'the server failed'),
    )
    const taken = (this.#server.address() as AddressInfo).port
    this.#url = urlOf(host, taken)
    return taken
  }

  /** Serves a connection that another process has accepted and handed over, as `candy dev` does. */
  accept(socket: Socket): void {
    this.#foreign.add(socket)
    socket.once('close', () => this.#foreign.delete(socket))
    this.#server.emit('connection', socket)
  }

  #isStrange(request: IncomingMessage): boolean {
    const {hosts, journal} = this.#parts
    if (!this.#foreign.has(request.socket) || !isStrangeHost(request, hosts)) return false
    const {host} = request.headers
    journal.log.warn(
      {event: 'host.rejected', host, remedy: strangeHostRemedy},
      'a request for a strange host',
    )
    return true
  }

  /**
   * Ends what is served. It still listens while connections drain: a load balancer must hear that it is no longer ready, and
   * a client that it has to go elsewhere. Then answers under way are awaited, but no connection that is only kept alive.
   */
  async close(options: DrainOptions): Promise<void> {
    if (options.isReplaced && this.#server.listening) return this.#giveWay(options)
    const {activeRequests} = this.#parts
    let closed: Promise<void> | undefined
    const stopListening = () => {
      closed = new Promise(resolve => this.#server.close(() => resolve()))
    }
    // Where something else answers already, the next request must reach that. Else it is answered here, and the last one.
    if (options.isReplaced) {
      this.#server.closeIdleConnections()
      for (const socket of this.#foreign) if (activeRequests.isIdle(socket)) socket.destroy()
    }
    await drain({...this.#parts, stopListening}, options)
    this.#server.closeAllConnections()
    for (const socket of this.#foreign) socket.destroy()
    await closed
  }

  /** Others listen on its port already. */
  async #giveWay(options: DrainOptions): Promise<void> {
    await giveWay(this.#server, this.#parts, options)
    this.#server.closeAllConnections()
    // It does not listen any more, but still looks at its connections now and then.
    this.#server.close()
  }
}

const plainText = {'Content-Type': 'text/plain; charset=utf-8'}

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
