import {createServer, type RequestListener, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {describeError, type Logger} from '../log.js'
import type {ActiveRequests} from './active-requests.js'
import {drain} from './drain.js'
import type {Upgrades} from './upgrade.js'

/** Candy's own HTTP server: hands requests to the pages, and upgrades to `Upgrades`. */
export class HttpServer {
  readonly #server: Server
  readonly #upgrades: Upgrades
  readonly #activeRequests: ActiveRequests
  readonly #log: Logger
  #url: string | undefined

  constructor(pages: RequestListener, upgrades: Upgrades, activeRequests: ActiveRequests, log: Logger) {
    this.#upgrades = upgrades
    this.#activeRequests = activeRequests
    this.#log = log
    this.#server = createServer(pages)
    this.#server.on('upgrade', (request, socket, head) => upgrades.take(request, socket, head, this.#server))
  }

  get url(): string | undefined {
    return this.#url
  }

  /** Resolves to the port it took. Rejects with one clear line if it is in use. */
  async listen(port: number, host: string): Promise<number> {
    await listening(this.#server, port, host)
    // For example when the process has no file descriptors left and cannot accept connections for a while.
    this.#server.on('error', error => this.#log.error(describeError(error), 'the server failed'))
    const taken = (this.#server.address() as AddressInfo).port
    this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
    return taken
  }

  /** Accepts no more connections, gives the open ones `time` milliseconds to end, and cuts the rest. */
  async close(time: number): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>(resolve => (timer = setTimeout(resolve, time)))
    this.#server.closeIdleConnections()
    await drain(this.#upgrades, time)
    // Waits for answers under way, but not for connections that are only kept alive.
    await Promise.race([this.#activeRequests.idle(), deadline])
    this.#server.closeAllConnections()
    await closed
    clearTimeout(timer)
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
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
