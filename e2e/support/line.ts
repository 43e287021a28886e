import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net'

/** `open`: bytes pass. `cut`: they are lost. `stalled`: they wait, as TCP sends again what got lost. */
type State = 'open' | 'cut' | 'stalled'

/**
 * The line between a browser and a server of this machine, a TCP proxy. While it is broken, connections stay as they are, new
 * ones are taken and hear nothing, and nobody hears that the other end has gone.
 */
export class Line {
  readonly port: number
  readonly #server: Server
  /** Both ends of each connection, each with the other. */
  readonly #ends = new Map<Socket, Socket>()
  #state: State = 'open'

  private constructor(server: Server, target: number) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', near => {
      const far = connect({port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true})
      this.#pass(near, far)
      this.#pass(far, near)
    })
  }

  /** @param port where on 127.0.0.1 the server listens, also later and again */
  static async to(port: number): Promise<Line> {
    const server = createServer({noDelay: true, allowHalfOpen: true})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Line(server, port)
  }

  /** Loses what is sent, either way, until it is healed. */
  cut(): void {
    this.#become('cut')
  }

  /** Holds what is sent, either way, until it is healed. */
  stall(): void {
    this.#become('stalled')
  }

  /** Lets pass what comes now, and tells each end whose other end has gone. */
  heal(): void {
    this.#become('open')
    for (const [from, to] of this.#ends) this.#tell(from, to)
  }

  /** Breaks each connection, with a TCP reset to both ends. */
  reset(): void {
    for (const end of this.#ends.keys()) end.resetAndDestroy()
    this.#ends.clear()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.reset()
    await closed
  }

  #become(state: State): void {
    this.#state = state
    for (const end of this.#ends.keys()) {
      if (state === 'stalled') end.pause()
      else end.resume()
    }
  }

  #pass(from: Socket, to: Socket): void {
    this.#ends.set(from, to)
    if (this.#state === 'stalled') from.pause()
    from.on('data', bytes => {
      if (this.#state === 'open') to.write(bytes)
    })
    // `close` follows.
    from.on('error', () => undefined)
    from.on('end', () => this.#tell(from, to))
    from.on('close', () => this.#tell(from, to))
  }

  /** That the other end has finished, or has gone. */
  #tell(from: Socket, to: Socket): void {
    if (this.#state !== 'open') return
    if (from.readableEnded) to.end()
    if (!from.destroyed) return
    this.#ends.delete(from)
    if (from.errored) to.resetAndDestroy()
    else to.destroySoon()
  }
}
