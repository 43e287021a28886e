import {Attempt, type AttemptOptions} from './attempt.js'
import type {Channel, ChannelEvents, Closing, Data, Nudge} from './channel.js'
import {Unreachable} from './offer.js'
import {Pause} from './pause.js'
import {Retries, type RetryOptions} from './retries.js'

export interface ConnectionOptions extends AttemptOptions, RetryOptions {}

/** A WebSocket that comes back. */
export class Connection implements Channel {
  readonly #options: ConnectionOptions
  readonly #on: ChannelEvents
  readonly #retries: Retries
  #attempt: Attempt | undefined
  #openedAt: number | undefined
  readonly #pause = new Pause(() => this.open())
  #failure: string | undefined

  constructor(options: ConnectionOptions, events: ChannelEvents) {
    this.#options = options
    this.#on = events
    this.#retries = new Retries(options)
  }

  open(): void {
    this.#attempt = new Attempt(this.#options, {
      accepted: () => {
        this.#openedAt = Date.now()
        this.#failure = undefined
        this.#on.became('open')
      },
      answers: yes => (yes ? this.#on.became('open') : this.#on.became('doubtful', noAnswer)),
      frame: data => this.#on.frame(data),
      failed: error => this.#failed(error),
      ended: (code, reason) => this.#ended({code, reason}),
    })
  }

  send(data: Data): void {
    this.#attempt?.send(data)
  }

  close(code: number, reason: string): void {
    this.#pause.end()
    this.#openedAt = undefined
    this.#attempt?.end(code, reason)
    this.#attempt = undefined
  }

  nudge(nudge: Nudge): void {
    if (nudge === 'doubt') return this.#attempt?.doubt()
    this.#attempt?.ask()
    this.#pause.hurry()
  }

  suspend(): void {
    this.close(1000, '')
    this.#on.became('reconnecting', suspended)
  }

  #ended(closing: Closing): void {
    const lasted = this.#openedAt === undefined ? 0 : Date.now() - this.#openedAt
    this.#attempt = undefined
    this.#openedAt = undefined
    const retry = this.#retries.after(closing, lasted)
    if (!retry) return this.#on.became('closed', closing)
    this.#pause.begin(retry)
    this.#on.became('reconnecting', closing)
  }

  /** Told once, not at every try. */
  #failed(error: Error): void {
    if (error instanceof Unreachable || error.message === this.#failure) return
    this.#failure = error.message
    this.#on.failed(error)
  }
}

/** What a page that is put away hears when it is shown again. */
export const suspended: Closing = {code: 1001, reason: 'The page was put away'}
const noAnswer: Closing = {code: 1006, reason: 'No answer'}
