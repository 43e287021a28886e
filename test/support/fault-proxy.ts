import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net'
import {setTimeout as delay} from 'node:timers/promises'
import {onTestFinished} from 'vitest'

/**
 * What a line does with what passes: all of it at once; each piece so many milliseconds later; so many bytes at a time, with a
 * pause between; or nothing, FIN and RST neither, as where somebody has pulled the plug.
 */
export type Fault =
  'none' | {readonly delay: number} | {readonly trickle: number; readonly pause: number} | 'blackhole'

export type Direction = 'up' | 'down'

/** One direction of one connection, in order. */
class Pipe {
  readonly #from: Socket
  readonly #to: Socket
  #fault: Fault
  #wake: () => void = () => undefined

  constructor(from: Socket, to: Socket, fault: Fault) {
    this.#from = from
    this.#to = to
    this.#fault = fault
    from.on('error', () => undefined)
    // After a reset nothing can be read, and nothing needs to be.
    from.once(
      'close',
      () => this.#fault === 'blackhole' || (from.readableEnded ? undefined : to.resetAndDestroy()),
    )
    for (const event of ['readable', 'end', 'close']) from.on(event, () => this.#wake())
    void this.#run()
  }

  set fault(fault: Fault) {
    this.#fault = fault
    this.#wake()
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const piece = this.#next()
        if (piece) await this.#pass(piece)
        else if (this.#from.readableEnded || this.#from.destroyed) break
        else await this.#more()
      }
      if (this.#from.readableEnded) this.#to.end()
    } catch {
      // One of both is gone, and the other is told by `close`.
    }
  }

  #next(): Buffer | undefined {
    if (this.#fault === 'blackhole') return undefined
    const size = typeof this.#fault === 'object' && 'trickle' in this.#fault ? this.#fault.trickle : undefined
    const some = size && size < this.#from.readableLength ? size : undefined
    return (this.#from.read(some) as Buffer | null) ?? undefined
  }

  async #pass(piece: Buffer): Promise<void> {
    const fault = this.#fault
    if (typeof fault === 'object') await delay('delay' in fault ? fault.delay : fault.pause)
    if (this.#to.writable && !this.#to.write(piece))
      await Promise.race([once(this.#to, 'drain'), once(this.#to, 'close')])
  }

  /** Resolves when there may be more, or the fault is another. Nothing is read meanwhile, so the sender's buffers fill. */
  #more(): Promise<void> {
    return new Promise(resolve => (this.#wake = resolve))
  }
}

interface Line {
  readonly sockets: readonly Socket[]
  readonly up: Pipe
  readonly down: Pipe
}

/** A line between clients and a server that can be slow, dead, or cut. */
export class FaultProxy {
  readonly #server: Server
  readonly #lines = new Set<Line>()
  readonly #faults: Record<Direction, Fault> = {up: 'none', down: 'none'}

  private constructor(target: number) {
    this.#server = createServer({allowHalfOpen: true}, near => {
      const far = connect({port: target, host: '127.0.0.1', allowHalfOpen: true})
      const line = {
        sockets: [near, far],
        up: new Pipe(near, far, this.#faults.up),
        down: new Pipe(far, near, this.#faults.down),
      }
      this.#lines.add(line)
    })
  }

  /**
   * On a free port until the test is over.
   *
   * @param target the port it leads to
   * @param atEnd of the test, where several run at once
   */
  static async open(
    target: number,
    atEnd: (close: () => Promise<void>) => void = onTestFinished,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    atEnd(async () => {
      const closed = once(proxy.#server, 'close')
      proxy.#server.close()
      for (const {sockets} of proxy.#lines) for (const socket of sockets) socket.destroy()
      await closed
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** From now on, for the lines there are and those to come. @param only one direction; both by default */
  becomes(fault: Fault, only?: Direction): void {
    for (const direction of only ? [only] : (['up', 'down'] as const)) {
      this.#faults[direction] = fault
      for (const line of this.#lines) line[direction].fault = fault
    }
  }

  /** Both ends of every line get an RST. */
  reset(): void {
    for (const {sockets} of this.#lines) for (const socket of sockets) socket.resetAndDestroy()
    this.#lines.clear()
  }
}
