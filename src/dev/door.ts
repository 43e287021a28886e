import {createServer, type AddressInfo, type Socket} from 'node:net'
import {listen, urlOf} from '../http/server.js'
import {tellTurnedAway} from './tell.js'

/**
 * The port. The supervisor keeps it open for good and hands each connection to the child that serves: so no client
 * finds it shut while a version replaces another, and nobody else can take it.
 */
export class Door {
  // Unread, the socket can go to another process whole; the other half of these options is what an HTTP server sets.
  readonly #server = createServer({pauseOnConnect: true, noDelay: true}, socket => this.#pass(socket))
  readonly #waiting = new Set<Socket>()
  #to: ((socket: Socket) => void) | undefined

  /** Resolves to the URL. Rejects with one clear line if the port is in use. */
  async open(port: number, host: string): Promise<string> {
    await listen(this.#server, port, host)
    // For example when this process has no file descriptors left for a while.
    this.#server.on('error', tellTurnedAway)
    return urlOf(host, (this.#server.address() as AddressInfo).port)
  }

  /** From now on connections go there, those that wait first; `undefined` lets them wait. */
  turn(to: ((socket: Socket) => void) | undefined): void {
    this.#to = to
    if (!to) return
    for (const socket of this.#waiting) to(socket)
    this.#waiting.clear()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#waiting) socket.destroy()
  }

  #pass(socket: Socket): void {
    if (this.#to) return this.#to(socket)
    this.#waiting.add(socket)
    socket.once('close', () => this.#waiting.delete(socket))
  }
}
