import type {ErrorCode} from '../codes.js'
import {Durations} from './durations.js'

/** What goes through the connections of one route: plain numbers, since they change with every message. */
export class Traffic {
  messagesIn = 0
  bytesIn = 0
  messagesOut = 0
  bytesOut = 0
  /** `{volatile}` messages that a slow client was not sent. */
  dropped = 0
  /** Messages that a newer one of the same `{latest}` key has replaced. */
  replaced = 0
  /** Messages to connections that had closed. */
  late = 0
  /** Told the seconds that each handled message took, where somebody wants to know. */
  onHandled: ((seconds: number) => void) | undefined
  /** How long they took, where that is measured. */
  handled: Durations | undefined
  /** Messages answered with an error frame of Candy's own, by its code. */
  readonly #rejected = new Map<ErrorCode, number>()

  measure(): void {
    this.handled ??= new Durations()
    this.onHandled = this.handled.add
  }

  /** A message was answered with an error frame. */
  reject(code: ErrorCode): void {
    this.#rejected.set(code, (this.#rejected.get(code) ?? 0) + 1)
  }

  get rejected(): ReadonlyMap<ErrorCode, number> {
    return this.#rejected
  }
}
