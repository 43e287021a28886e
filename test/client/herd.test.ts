import {Candy, type Socket} from 'candy-ws/client'
import {describe, expect, it, vi} from 'vitest'
import {closedAfter} from '../support/client-socket.js'
import {Clock} from '../support/clock.js'
import {seeded} from '../support/seeded.js'

// Ten thousand of each take seconds, and longer where others work.
vi.setConfig({testTimeout: 60_000})

const count = 10_000

type Listener = (event: object) => void

/** The far end of all sockets: there, or away. What it does takes a millisecond. */
class Server {
  here = true
  /** When each client came last. */
  readonly arrivals = new Map<string, number>()
  readonly #lines = new Map<string, Line>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A WebSocket that leads here. */
  get WebSocket(): unknown {
    const connect = (path: string, line: Line) => this.#connect(path, line)
    return class extends Line {
      constructor(url: string) {
        super()
        connect(new URL(url).pathname, this)
      }
    }
  }

  /** Closes every line at this moment, each with its reason. */
  closeAll(code: number, reasonFor: (path: string) => string): void {
    this.arrivals.clear()
    for (const [path, line] of this.#lines) line.tell('close', {code, reason: reasonFor(path)})
    this.#lines.clear()
  }

  /** Cuts every line at this moment. */
  die(): void {
    this.here = false
    this.closeAll(1006, () => '')
  }

  #connect(path: string, line: Line): void {
    setTimeout(() => {
      if (!this.here) return line.tell('close', {code: 1006, reason: ''})
      this.arrivals.set(path, this.#clock.now)
      this.#lines.set(path, line)
      line.tell('open')
    }, 1)
  }
}

/** A WebSocket without a network: pings are answered. */
class Line {
  binaryType = ''
  readonly protocol = 'candy.v1'
  readonly bufferedAmount = 0
  readonly #listeners = new Map<string, Listener>()

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener)
  }

  tell(type: string, event: object = {}): void {
    this.#listeners.get(type)!(event)
  }

  send(data: string): void {
    if (data === '{"type":"candy.ping"}')
      setTimeout(() => this.tell('message', {data: '{"type":"candy.pong"}'}), 1)
  }

  close(): void {
    // Nobody waits for the end of it.
  }
}

interface Herd {
  readonly clock: Clock
  readonly server: Server
  readonly sockets: readonly Socket[]
}

/** Clients that are all connected, for as long as counts as health. */
async function herd(): Promise<Herd> {
  seeded(4711)
  const clock = new Clock()
  const server = new Server(clock)
  const options = {WebSocket: server.WebSocket, token: false}
  const sockets = Array.from({length: count}, (_, n) => closedAfter(Candy.ws(`ws://127.0.0.1/${n}`, options)))
  await clock.advance(31_000)
  expect(connected(sockets)).toBe(count)
  return {clock, server, sockets}
}

function connected(sockets: readonly Socket[]): number {
  return sockets.filter(socket => socket.connected).length
}

/** The most that came in any 100 milliseconds. */
function rush({arrivals}: Server): number {
  const times = [...arrivals.values()].toSorted((a, b) => a - b)
  let first = 0
  return Math.max(
    ...times.map((time, n) => {
      while (times[first]! <= time - 100) first += 1
      return n - first + 1
    }),
  )
}

describe('Ten thousand clients', () => {
  it.each([0.5, 4.8, 20])(
    'of a server that dies and is away for %s seconds are all back, at most three in a hundred within 100 ms',
    async away => {
      const {clock, server, sockets} = await herd()
      server.die()
      await clock.advance(away * 1_000)
      expect(connected(sockets)).toBe(0)
      server.here = true
      await clock.advance(32_000)
      expect(connected(sockets)).toBe(count)
      expect(server.arrivals.size).toBe(count)
      expect(rush(server)).toBeLessThanOrEqual(0.03 * count)
    },
  )

  it('of a server that dies again when they are back are all back, and no faster', async () => {
    const {clock, server, sockets} = await herd()
    for (let n = 0; n < 2; n += 1) {
      server.die()
      await clock.advance(500)
      server.here = true
      await clock.advance(12_000)
      expect(connected(sockets)).toBeGreaterThan(0.9 * count)
      expect(rush(server)).toBeLessThanOrEqual(0.03 * count)
    }
  })

  it('of a server that restarts come exactly when it said, each at its own time', async () => {
    const {clock, server, sockets} = await herd()
    const hintFor = (path: string) => 2 * Number(path.slice(1)) + 1
    const restart = clock.now
    server.closeAll(1012, path => `retry=${hintFor(path)}`)
    await clock.advance(21_000)
    expect(connected(sockets)).toBe(count)
    // A millisecond is the way.
    const late = [...server.arrivals].filter(([path, time]) => time - restart !== hintFor(path) + 1)
    expect(late).toEqual([])
  })
})
