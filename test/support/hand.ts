import {createServer, type IncomingMessage} from 'node:http'
import type {Closing} from 'candy-ws/client'
import {onTestFinished} from 'vitest'
import {WebSocketServer, type RawData, type WebSocket} from 'ws'
import {end, listen} from './host.js'

/** Things that come one by one, and whoever waits for the next. */
class Line<T> {
  readonly #here: T[] = []
  readonly #waiting: ((one: T) => void)[] = []

  put(one: T): void {
    const waiter = this.#waiting.shift()
    if (waiter) waiter(one)
    else this.#here.push(one)
  }

  next(): Promise<T> {
    if (this.#here.length > 0) return Promise.resolve(this.#here.shift()!)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** What has come, and nobody has waited for. */
  get here(): readonly T[] {
    return this.#here
  }
}

/** A connection, as the server's side of it sees it. */
export class Guest {
  readonly offered: readonly string[]
  readonly request: IncomingMessage
  /** How it ended. */
  readonly closed: Promise<Closing>
  /** Whether a ping is answered at once. */
  answers: boolean
  /** Pings that have come. */
  pinged = 0
  readonly #socket: WebSocket
  readonly #messages = new Line<unknown>()
  readonly #pings = new Line<void>()

  constructor(socket: WebSocket, request: IncomingMessage, answers: boolean) {
    this.#socket = socket
    this.request = request
    this.answers = answers
    this.offered = offersOf(request)
    this.closed = new Promise(resolve =>
      socket.on('close', (code, reason) => resolve({code, reason: reason.toString()})),
    )
    socket.on('message', (data, binary) => this.#hear(data as Buffer, binary))
  }

  /** The token that it has offered. */
  get token(): string | undefined {
    return this.offered.find(one => one.startsWith('candy-token-'))?.slice('candy-token-'.length)
  }

  /** The next message: JSON parsed, bytes as a Buffer; no ping. */
  next(): Promise<unknown> {
    return this.#messages.next()
  }

  /** What it has said, and nobody has waited for. */
  get said(): readonly unknown[] {
    return this.#messages.here
  }

  /** The next `candy.ping`, from the first one on. */
  ping(): Promise<void> {
    return this.#pings.next()
  }

  pong(): void {
    this.#socket.send('{"type":"candy.pong"}')
  }

  busy(): void {
    this.#socket.send('{"type":"candy.busy"}')
  }

  send(message: unknown): void {
    this.#socket.send(
      typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
    )
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  /** Cuts the line. */
  terminate(): void {
    this.#socket.terminate()
  }

  #hear(data: RawData & Buffer, binary: boolean): void {
    const text = data.toString()
    if (binary) this.#messages.put(data)
    else if (text !== '{"type":"candy.ping"}') this.#messages.put(parsed(text))
    else {
      this.pinged += 1
      this.#pings.put()
      if (this.answers) this.pong()
    }
  }
}

/** A server that does what a test tells it. It speaks candy.v1, and knows nothing of Candy. */
export class Hand {
  /** Whether pings are answered, of connections to come. */
  answers = true
  /** Whether candy.v1 is selected; else the token is. */
  candy = true
  /** The status and the body of `/_candy/token`. */
  token: () => readonly [status: number, body?: string] = () => [404]
  /** Tokens that were asked for. */
  asked = 0
  readonly #server = createServer((_, response) => {
    this.asked += 1
    const [status, body = ''] = this.token()
    response.writeHead(status, {'content-type': 'application/json'}).end(body)
  })
  readonly #guests = new Line<Guest>()
  /** Those that were refused. */
  readonly refused: Guest[] = []
  readonly #refusals: (readonly [code: number, reason: string])[] = []
  #port = 0

  private constructor() {
    const sockets = new WebSocketServer({
      server: this.#server,
      handleProtocols: offered => (this.candy ? 'candy.v1' : [...offered].at(-1)!),
    })
    sockets.on('connection', (socket, request) => this.#receive(socket, request))
    // The server's, which the test that causes them knows of.
    sockets.on('error', () => undefined)
  }

  /** On a free port until the test is over. */
  static async open(): Promise<Hand> {
    const hand = new Hand()
    await hand.back()
    onTestFinished(() => hand.away())
    return hand
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** The next connection that is not refused. */
  next(): Promise<Guest> {
    return this.#guests.next()
  }

  /** Connections that nobody has waited for. */
  get guests(): readonly Guest[] {
    return this.#guests.here
  }

  /** Completes the next handshakes, and closes at once: one for each code. */
  refuse(...closings: readonly (readonly [code: number, reason: string])[]): void {
    this.#refusals.push(...closings)
  }

  /** Nobody listens any more, and all lines are cut. */
  async away(): Promise<void> {
    if (this.#server.listening) await end(this.#server)
  }

  /** Listens, where it did. */
  async back(): Promise<void> {
    this.#port = await listen(this.#server, this.#port)
  }

  #receive(socket: WebSocket, request: IncomingMessage): void {
    const guest = new Guest(socket, request, this.answers)
    const refusal = this.#refusals.shift()
    if (!refusal) return this.#guests.put(guest)
    guest.answers = false
    guest.close(...refusal)
    this.refused.push(guest)
  }
}

function offersOf({headers}: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map(one => one.trim())
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
