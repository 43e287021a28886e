import {getEventListeners} from 'node:events'
import type {WsClient} from '../connection/ws-client.js'
import {candyProtocol} from '../handshake/protocol.js'
import type {Limits} from '../limits.js'
import type {Traffic} from '../telemetry/traffic.js'
import type {Message} from './envelope.js'
import type {Whitelist} from './rules.js'
import type {Serialise} from './serialiser.js'

/** How the messages of a route are handled. */
export interface MessageSettings {
  readonly limits: Pick<Limits, 'maxDepth' | 'maxNodes' | 'handlerTimeout'>
  readonly traffic: Pick<Traffic, 'onHandled' | 'rejected'>
  readonly whitelist: Whitelist
  /** Whether replies are held to what was declared of them: not in production. */
  readonly checksReplies: boolean
}

/** What a turn needs of the context. */
export interface TurnContext {
  readonly ws: WsClient
  /** Whether the connection has closed. */
  readonly ended: boolean
  /** Told of a turn that must hear the connection's end, and of the turn's own. */
  began(turn: Ending): void
  done(turn: Ending): void
}

/** What a connection does to its turns when it ends. */
export interface Ending {
  abort(reason?: unknown): void
  /** Nobody waits for it any longer, and what it still does comes to nothing. */
  drop(): void
}

/** Runs one handler: guards, body, arguments, method. Gives its result, a `Refusal` of the body, or a promise of one. */
export type MessageRun<C extends TurnContext> = (receiver: object, turn: Turn<C>) => unknown

/** Who has the message now. */
export type Stage = 'listeners' | 'typed' | 'rest'

/** One message in the hands of those it is for, and the time they have. */
export class Turn<C extends TurnContext> implements Ending {
  readonly candy: C
  readonly envelope: Message
  readonly settings: MessageSettings
  stage: Stage = 'listeners'
  /** Whether the client has had its answer. */
  answered = false
  /** What the handler's body parameter receives: judged, if a class judges it. */
  body: unknown
  /** What writes the answer, where its class is declared. */
  serialise: Serialise | undefined
  /** The handler that takes the message, once it is found. */
  run: MessageRun<C> | undefined
  receiver: object | undefined
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false
  #begun = false

  constructor(candy: C, envelope: Message, settings: MessageSettings) {
    this.candy = candy
    this.envelope = envelope
    this.settings = settings
    this.body = envelope.value
  }

  /** As parsed. */
  get message(): unknown {
    return this.envelope.value
  }

  /** Aborted when the time is over or the connection closes. Made for who asks. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.candy.ended || this.#over) this.#controller.abort()
      else this.#begin()
    }
    return this.#controller.signal
  }

  /** Whether `traceparent` belongs to the envelope. */
  get traced(): boolean {
    return this.candy.ws.live?.protocol === candyProtocol
  }

  /** Whether the time is over: what still comes of it, comes to nothing. */
  get over(): boolean {
    return this.#over
  }

  /** Whether the message must reach no further handler: its time is over, or the server decided to close. */
  get stale(): boolean {
    return this.#over || this.candy.ws.live?.closedHere === true
  }

  /** Whether an error is only the echo of the aborted signal. */
  isEcho(error: unknown): boolean {
    const signal = this.#controller?.signal
    if (!this.#over && signal?.aborted !== true) return false
    return (signal !== undefined && error === signal.reason) || isAbortError(error)
  }

  /**
   * Waits for what takes time, at most as long as the route allows.
   *
   * @param work never rejects
   * @param late called when the time is over; then the wait is, too
   */
  inTime(work: Promise<void>, late: (turn: Turn<C>) => void): Promise<void> {
    this.#begin()
    const {handlerTimeout} = this.settings.limits
    if (handlerTimeout === 'off') return work.then(() => this.end())
    return new Promise(resolve => {
      this.#timer = setTimeout(() => {
        this.#over = true
        late(this)
        this.end()
        resolve()
      }, handlerTimeout)
      // The socket keeps the process alive; without it there is nobody to wait for.
      this.#timer.unref()
      void work.then(() => {
        this.end()
        resolve()
      })
    })
  }

  /** Nobody has the message any more, or nobody yet. A turn that nobody was told of costs nothing. */
  end(): void {
    if (!this.#begun) return
    this.#begun = false
    this.#stopTimer()
    // Work may go on that the handler did not wait for: who still listens is told of the connection's end.
    const signal = this.#controller?.signal
    if (signal?.aborted === false && getEventListeners(signal, 'abort').length > 0) return
    this.candy.done(this)
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.candy.began(this)
  }

  abort(reason?: unknown): void {
    this.#controller?.abort(reason)
  }

  drop(): void {
    this.#over = true
    this.#stopTimer()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
