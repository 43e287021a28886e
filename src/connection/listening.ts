import {
  checkListener,
  type Listeners,
  type MessageClass,
  type TypedOptions,
  type WsEvent,
  type WsEvents,
} from './listeners.js'
import type {Live} from './live.js'
import {noSocket} from './no-socket.js'

/** The half of a client that hears. */
export abstract class Listening {
  /** @internal */
  readonly listeners: Listeners
  /** @internal */
  live: Live | undefined
  /** Whether this is an HTTP request, which never becomes a connection. @internal */
  protected readonly isHttp: boolean

  /** @internal */
  constructor(listeners: Listeners, isHttp: boolean) {
    this.listeners = listeners
    this.isHttp = isHttp
  }

  /**
   * Listens. With a DTO class: handles the messages of that `type`, and what it returns answers their `ref`. A function that
   * names the signal gets one, aborted when its time is over or the connection closes.
   *
   * @throws TypeError for an unknown event, a type that is handled already or reserved, a class without rules
   */
  on<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  on<T>(
    type: string,
    body: MessageClass<T>,
    fn: (message: T, signal: AbortSignal) => unknown,
    options?: TypedOptions,
  ): this
  on(event: string, second: unknown, third?: unknown, options?: TypedOptions): this {
    if (third === undefined) return this.#listen(event, second, false)
    this.checkSocket('on')
    this.listeners.addTyped(event, second, third, options)
    return this
  }

  /** Listens for the next one only. */
  once<E extends WsEvent>(event: E, fn: WsEvents[E]): this {
    return this.#listen(event, fn, true)
  }

  off<E extends WsEvent>(event: E, fn: WsEvents[E]): this
  off(type: string, fn: (message: never) => unknown): this
  off(event: string, fn: (...args: never[]) => unknown): this {
    this.listeners.remove(event, fn)
    this.live?.messagesMaybeUnheard()
    return this
  }

  #listen(event: string, fn: unknown, once: boolean): this {
    checkListener(event, fn)
    this.checkSocket('on')
    if (event === 'close' && this.live?.hearsLate(fn)) return this
    this.listeners.add(event, fn, once)
    if (event === 'message') this.live?.messagesHeard()
    return this
  }

  /** @internal */
  protected checkSocket(member: string): void {
    if (this.isHttp) throw noSocket(member)
  }
}
