import type {ErrorCode} from '../codes.js'
import {Counts} from '../counts.js'
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
  /** Messages to connections that had closed, or ended before their turn to be written. */
  late = 0
  /** Told the seconds that each handled message took, where somebody wants to know. */
  onHandled: ((seconds: number) => void) | undefined
  /** How long they took, where that is measured. */
  handled: Durations | undefined
  /** Messages answered with an error frame whose code is one of Candy's own. */
  readonly rejected = new Counts<ErrorCode>()

  measure(): void {
    this.handled ??= new Durations()
    this.onHandled = this.handled.add
  }
}
