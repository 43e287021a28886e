import type {AnySent, BodyOf, ReplyOf, RouteContract, SentOf, SentType, TakenType} from './contract.js'
import type {Listener} from './listeners.js'
import {events, type Socket, type SocketEvents, type SocketState} from './socket.js'

/** What went wrong with a message that was sent without asking for an answer. */
export interface ErrorMessage {
  readonly type: 'error'
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

/** What happens to a socket; any other name is the type of a message. */
export type TypedEvents<R extends RouteContract> = SocketEvents<AnySent<R> | ErrorMessage>

/** A socket that knows its route: messages by their type. */
export class TypedSocket<R extends RouteContract> {
  readonly #socket: Socket

  /** @internal */
  constructor(socket: Socket) {
    this.#socket = socket
  }

  get state(): SocketState {
    return this.#socket.state
  }

  /** Whether it is open. */
  get connected(): boolean {
    return this.#socket.connected
  }

  /**
   * Sends a message. Without a connection, it waits for one.
   *
   * @returns `false` if it is not sent: closed, or too many messages wait, which `dropped` tells
   * @throws TypeError for what has no JSON form
   */
  send<T extends TakenType<R>>(type: T, ...[body]: BodyOf<R, T>): boolean {
    return this.#socket.send({...(body as object | undefined), type})
  }

  /**
   * Sends a message and waits for its answer.
   *
   * @param options `timeout` in milliseconds, 5,000 by default; above 24.8 days, such as `Infinity`: none
   * @returns what the handler returned; rejects with a `RequestError`
   */
  request<T extends TakenType<R>>(
    type: T,
    ...[body, options]: [...body: BodyOf<R, T>, options?: {timeout?: number}]
  ): Promise<ReplyOf<R, T>> {
    return this.#socket.request(type, body as object | undefined, options as {timeout?: number} | undefined)
  }

  /** Listens, to what happens or to the messages of a type. */
  on<E extends keyof TypedEvents<R>>(event: E, fn: TypedEvents<R>[E]): this
  on<T extends Exclude<SentType<R>, keyof TypedEvents<R>>>(
    type: T,
    fn: (message: SentOf<R, T>) => unknown,
  ): this
  on(event: string, fn: Listener): this {
    if (isEvent(event)) this.#socket.on(event, fn)
    else this.#socket.onType(event, fn)
    return this
  }

  off<E extends keyof TypedEvents<R>>(event: E, fn: TypedEvents<R>[E]): this
  off<T extends Exclude<SentType<R>, keyof TypedEvents<R>>>(
    type: T,
    fn: (message: SentOf<R, T>) => unknown,
  ): this
  off(event: string, fn: Listener): this {
    if (isEvent(event)) this.#socket.off(event, fn)
    else this.#socket.offType(event, fn)
    return this
  }

  /**
   * Closes for good; what was asked and is not answered is rejected. Of a shared connection, it leaves this tab alone.
   *
   * @throws RangeError for a code that is neither 1000 nor 3000 to 4999, and a reason above 123 bytes
   */
  close(code = 1000, reason = ''): void {
    this.#socket.close(code, reason)
  }
}

function isEvent(event: string): event is keyof SocketEvents {
  return events.includes(event)
}
