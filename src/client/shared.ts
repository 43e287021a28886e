import {withScheme} from './address.js'
import type {Channel, ChannelEvents, Closing, Data, Nudge} from './channel.js'
import {suspended} from './connection.js'
import {LeaderLink} from './leader-link.js'
import type {Link, LinkClass, LinkEvents} from './link.js'
import {LonelyLink} from './lonely-link.js'
import {findLocks, hasLocks, hold, inTurn} from './locks.js'
import {asError, askForOffer, offerFor, Unreachable, type Offer, type OfferOptions} from './offer.js'
import {Pause} from './pause.js'
import {Retries, type RetryOptions} from './retries.js'
import type {SharedWorkerLike} from './shared-worker.js'
import {lockOf, version, type Join, type ToTab} from './tab-messages.js'
import {WorkerLink} from './worker-link.js'

export interface SharedOptions extends RetryOptions, Pick<OfferOptions, 'token'> {
  readonly url: URL
  readonly tab: string
  /** Default: what the server says. */
  readonly identity: string | undefined
  /** Throws where there is none. */
  readonly worker: () => SharedWorkerLike
}

/** This tab's part in a connection that all tabs of one identity share. */
export class Shared implements Channel {
  readonly #options: SharedOptions
  readonly #on: ChannelEvents
  readonly #retries: Retries
  /** From coming to leaving. */
  #stay = new AbortController()
  #link: Link | undefined
  #identity: string | undefined
  /** What came with the identity is good for the first handshake. */
  #spare: Offer | undefined
  #welcomed = false
  readonly #pause = new Pause(() => this.open())
  #failure: string | undefined

  constructor(options: SharedOptions, events: ChannelEvents) {
    this.#options = options
    this.#on = events
    this.#retries = new Retries(options)
  }

  open(): void {
    this.#stay = new AbortController()
    void this.#come(this.#stay.signal)
  }

  send(data: Data): void {
    this.#link?.post({is: 'send', data})
  }

  close(code: number, reason: string): void {
    this.#pause.end()
    this.#link?.post({is: 'leave', code, reason})
    this.#link?.close()
    this.#link = undefined
    this.#welcomed = false
    this.#stay.abort()
  }

  nudge(nudge: Nudge): void {
    this.#link?.post({is: 'nudge', nudge})
    if (nudge === 'wake') this.#pause.hurry()
  }

  suspend(): void {
    this.close(1000, '')
    this.#on.became('reconnecting', suspended)
  }

  async #come(gone: AbortSignal): Promise<void> {
    const {url, tab, identity, autoReconnect, reconnectDelay, maxReconnectAttempts} = this.#options
    try {
      await findLocks()
      this.#identity = identity ?? (await this.#askIdentity(gone))
      const locked = hasLocks()
      if (locked) await hold(lockOf(tab), gone)
      if (gone.aborted) return
      const key = JSON.stringify([version, withScheme(url, 'ws').href, this.#identity])
      const retries = {autoReconnect, reconnectDelay, maxReconnectAttempts}
      this.#link = this.#linkFor({is: 'join', tab, key, url: url.href, locked, ...retries})
    } catch (thrown) {
      if (!gone.aborted) this.#failed(asError(thrown))
    }
  }

  async #askIdentity(gone: AbortSignal): Promise<string> {
    // Tabs of a browser without a session would each be given one, and only the last be kept.
    const offer = await inTurn(`${version} identity`, gone, () => askForOffer(this.#options.url, {}, gone))
    if (this.#options.token === true) this.#spare = offer
    return offer.identity
  }

  #linkFor(join: Join, [Way, ...rest] = ways): Link {
    const events: LinkEvents = {
      heard: message => this.#hear(message),
      doubtful: () => this.#on.became('doubtful', takenOver),
      failed: () => (this.#link = this.#linkFor(join, rest)),
    }
    try {
      return new Way!(join, events, this.#options.worker)
    } catch (error) {
      if (rest.length === 0) throw error
      return this.#linkFor(join, rest)
    }
  }

  #hear(message: Exclude<ToTab, {is: 'beat'}>): void {
    if (message.is === 'frame') return this.#on.frame(message.data)
    if (message.is === 'ask') return void this.#answer(this.#stay.signal)
    if (message.is === 'welcome') {
      if (this.#welcomed && !message.known) this.#on.became('reconnecting', takenOver)
      this.#welcomed = true
    }
    const {state, why} = message
    if (state === 'open') this.#spare = this.#failure = undefined
    if (state === 'closed') this.close(1000, '')
    this.#on.became(state, why)
  }

  /** Gives the hub what to shake hands with; the cookie of this browser may be somebody else's by now. */
  async #answer(gone: AbortSignal): Promise<void> {
    try {
      const {protocols, identity} = this.#spare ?? (await this.#ask(gone))
      this.#spare = undefined
      if (gone.aborted) return
      if (this.#options.identity === undefined && identity !== this.#identity) return this.#move()
      this.#link?.post({is: 'offer', protocols})
    } catch (thrown) {
      if (gone.aborted) return
      const error = asError(thrown)
      const isAway = error instanceof Unreachable
      this.#link?.post({is: 'no offer', why: error.message, isAway})
      this.#tell(error)
    }
  }

  async #ask(gone: AbortSignal): Promise<Offer> {
    const {url, token, identity} = this.#options
    const offer = await offerFor(url, {token, headers: {}}, gone)
    if (token === true || identity !== undefined) return offer
    return {...offer, identity: (await askForOffer(url, {}, gone)).identity}
  }

  /** Leaves those of the old identity, and goes to those of the new. */
  #move(): void {
    this.close(1000, '')
    this.open()
    this.#on.became('reconnecting', changed)
  }

  #failed(error: Error): void {
    const closing = {code: 1006, reason: error.message}
    const retry = this.#retries.after(closing, 0)
    if (retry) this.#pause.begin(retry)
    // Last: whoever hears of it may close.
    this.#tell(error)
    this.#on.became(retry ? 'reconnecting' : 'closed', closing)
  }

  /** Told once, not at every try. */
  #tell(error: Error): void {
    if (error instanceof Unreachable || error.message === this.#failure) return
    this.#failure = error.message
    this.#on.failed(error)
  }
}

/** The best first: a worker, a tab that leads, or nobody to share with. */
const ways: readonly LinkClass[] = [WorkerLink, LeaderLink, LonelyLink]

const takenOver: Closing = {code: 1006, reason: 'Taken over by another tab'}
const changed: Closing = {code: 1006, reason: 'The session has changed'}
