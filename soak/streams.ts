import type {WsServer} from 'candy-ws'

/** Whom a connection hears: everybody hears `*`, and a room hears its own. */
export const everybody = '*'
export const heavy = 'heavy'
export const rooms = Array.from({length: 25}, (_, index) => `room-${index}`)

/** Milliseconds between two messages, and how many bytes are added to each. */
const plans = [
  {names: [everybody], every: 1_000, padding: 0},
  {names: rooms, every: 200, padding: 0},
  // So that a reader who has stopped is soon above what may be held for it, behind all that the kernel takes.
  {names: [heavy], every: 20, padding: 16_384},
]

/** What the server says by itself, each stream with numbers of its own. */
export class Streams {
  readonly #last = new Map<string, number>()
  readonly #timers: NodeJS.Timeout[] = []

  start(server: WsServer): void {
    for (const {names, every, padding} of plans) {
      const pad = 'x'.repeat(padding)
      const say = () => {
        for (const stream of names) this.#say(server, stream, pad)
      }
      this.#timers.push(setInterval(say, every))
    }
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
  }

  /** The number of the last message. */
  last(stream: string): number {
    return this.#last.get(stream) ?? 0
  }

  #say(server: WsServer, stream: string, pad: string): void {
    const n = this.last(stream) + 1
    this.#last.set(stream, n)
    const message = {type: 'told', stream, n, pad}
    if (stream === everybody) server.broadcast(message)
    else server.toRoom(stream, message)
  }
}
