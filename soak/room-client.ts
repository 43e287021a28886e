import {WebSocket, type RawData} from 'ws'
import type {Socket} from 'node:net'
import type {ClientAccount} from './account.js'

export type Kind = ClientAccount['kind']

interface Told {
  readonly type: 'told'
  readonly stream: string
  readonly n: number
}

type Heard =
  | Told
  | {readonly type: 'welcome'; readonly from: Readonly<Record<string, number>>}
  | {readonly type: 'reply'; readonly data: number}

export interface RoomClientOptions {
  readonly connection: number
  readonly kind: Kind
  readonly room: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** It came in: the server has said so. */
  readonly welcomed: () => void
  /** It is gone. Without an account it was never open. */
  readonly gone: (account: ClientAccount | undefined) => void
}

/** One client of the soak: it numbers what it says, and checks the numbers of all it hears. */
export class RoomClient {
  readonly connection: number
  readonly kind: Kind
  readonly #options: RoomClientOptions
  readonly #socket: WebSocket
  readonly #streams = new Map<string, {from: number; heard: number; gaps: number}>()
  #sent = 0
  #acknowledged = 0
  #ended: ClientAccount['ended']
  #opened = false
  #gone = false
  #lastWord: (() => void) | undefined

  constructor(options: RoomClientOptions) {
    const {connection, kind, room, url, headers} = options
    this.connection = connection
    this.kind = kind
    this.#options = options
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/room/${room}?c=${connection}`, {
      headers,
      perMessageDeflate: false,
    })
    this.#socket
      .on('open', () => (this.#opened = true))
      .on('message', data => this.#hear(data))
      .on('error', () => undefined)
      .on('close', () => this.#end())
  }

  get isIn(): boolean {
    return (
      this.#streams.size > 0 &&
      !this.#gone &&
      this.#ended === undefined &&
      this.#socket.readyState === WebSocket.OPEN
    )
  }

  get isGone(): boolean {
    return this.#gone
  }

  say(): void {
    if (!this.isIn) return
    this.#sent += 1
    this.#socket.send(JSON.stringify({type: 'say', ref: this.#sent, n: this.#sent}))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  leave(): void {
    this.#ended = 'left'
    this.#socket.close(1_000)
  }

  terminate(): void {
    this.#ended = 'terminated'
    this.#end()
    this.#socket.terminate()
  }

  reset(): void {
    this.#ended = 'reset'
    this.#end()
    // `ws` has no name for what a peer does that crashes.
    ;(this.#socket as unknown as {_socket: Socket})._socket.resetAndDestroy()
  }

  /** The server has ended it, which a reader that has stopped does not see. */
  cut(): void {
    this.#end()
    this.#socket.terminate()
  }

  /** Says a last word. Its answer comes behind everything that the server has said before; then it leaves. */
  async finish(): Promise<void> {
    if (!this.isIn) return
    const closed = new Promise<void>(resolve => this.#socket.once('close', () => resolve()))
    const answered = new Promise<void>(resolve => (this.#lastWord = resolve))
    this.resume()
    this.say()
    await Promise.race([answered, closed])
    if (this.#gone) return
    this.#ended = 'stayed'
    this.#socket.close(1_000)
    await closed
  }

  #hear(data: RawData): void {
    if (this.#gone) return
    const heard = JSON.parse((data as Buffer).toString()) as Heard
    if (heard.type === 'told') this.#follow(heard)
    else if (heard.type === 'welcome') this.#enter(heard.from)
    else this.#acknowledge(heard.data)
  }

  #enter(from: Readonly<Record<string, number>>): void {
    for (const [stream, number] of Object.entries(from))
      this.#streams.set(stream, {from: number, heard: number, gaps: 0})
    if (this.kind === 'stopped') this.pause()
    this.#options.welcomed()
  }

  #follow({stream, n}: Told): void {
    const known = this.#streams.get(stream)
    if (!known) return void this.#streams.set(stream, {from: n - 1, heard: n, gaps: 1})
    if (n !== known.heard + 1) known.gaps += 1
    known.heard = n
  }

  #acknowledge(n: number): void {
    // Out of turn it is not counted, and missing in the end.
    if (n === this.#acknowledged + 1) this.#acknowledged = n
    if (this.#acknowledged === this.#sent) this.#lastWord?.()
  }

  #end(): void {
    if (this.#gone) return
    this.#gone = true
    const {connection, kind} = this
    const account: ClientAccount = {
      connection,
      kind,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      streams: Object.fromEntries(this.#streams),
      ...(this.#ended && {ended: this.#ended}),
    }
    this.#options.gone(this.#opened ? account : undefined)
  }
}
