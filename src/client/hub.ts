import type {ChannelState, Closing, Data} from './channel.js'
import {Connection} from './connection.js'
import {hasLocks, whenFree} from './locks.js'
import {decode, isObject} from './message.js'
import type {Offer} from './offer.js'
import {PresenceState} from './presence.js'
import {tabOf} from './refs.js'
import {lockOf, pace, type Join, type ToHub, type ToTab} from './tab-messages.js'
import {webSocketClass} from './web-socket.js'

export interface HubOptions {
  /** The lock of whoever runs it, free once it is gone. */
  readonly lock: string | undefined
  post(tab: string, message: ToTab): void
  postAll(message: ToTab): void
  /** A tab has gone; maybe it was the last. */
  left(tab: string): void
}

interface Member {
  readonly gone: AbortController
  /** Beats that it has not answered; `undefined`: its lock tells whether it is there. */
  unanswered: number | undefined
}

type OfferAnswer = Extract<ToHub, {is: 'offer' | 'no offer'}>

/** Beats without an answer after which a tab is gone. */
const maxUnanswered = 7
/** Milliseconds that a tab has for an offer before another is asked as well: it may be frozen. */
const askPace = 2_000

/** One connection, and the tabs that share it. */
export class Hub {
  readonly #options: HubOptions
  readonly #connection: Connection
  readonly #members = new Map<string, Member>()
  #state: ChannelState = 'connecting'
  #why: Closing | undefined
  /** As this connection has told it: a tab that comes later would not hear it again. */
  #presence = new PresenceState()
  /** Sent by tabs that had not heard yet that it is not open. */
  #pending: Data[] = []
  /** For something to shake hands with. */
  #asking: {take(answer: OfferAnswer): void; next(): void} | undefined
  #beat: ReturnType<typeof setInterval> | undefined

  constructor(first: Join, options: HubOptions) {
    this.#options = options
    const connection = {
      ...first,
      url: new URL(first.url),
      WebSocket: webSocketClass(undefined),
      offer: (ended: AbortSignal) => this.#offer(ended),
    }
    this.#connection = new Connection(connection, {
      became: (state, why) => this.#became(state, why),
      frame: data => this.#hear(data),
      // Offers come from the tabs, who know why there is none.
      failed: () => undefined,
    })
    this.#connection.open()
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  hear(tab: string, message: ToHub): void {
    if (message.is === 'join') return this.#join(message)
    const member = this.#members.get(tab)
    // It was taken for dead, and will hear of it.
    if (!member) return
    if (message.is === 'send') this.#send(message.data)
    else if (message.is === 'nudge') this.#connection.nudge(message.nudge)
    else if (message.is === 'offer' || message.is === 'no offer') this.#asking?.take(message)
    else if (message.is === 'alive') member.unanswered = 0
    else this.#leave(tab, message)
  }

  /** Nobody hears of it. */
  end(closing: Closing = {code: 1000, reason: ''}): void {
    clearInterval(this.#beat)
    this.#connection.close(closing.code, closing.reason)
    for (const tab of this.#members.keys()) this.#remove(tab)
  }

  #join({tab, locked}: Join): void {
    const known = this.#members.has(tab)
    const byLock = locked && hasLocks()
    if (!known) {
      const member: Member = {gone: new AbortController(), unanswered: byLock ? undefined : 0}
      this.#members.set(tab, member)
      if (byLock) void whenFree(lockOf(tab), member.gone.signal, () => this.#leave(tab))
      else this.#beat ??= setInterval(() => this.#beats(), pace)
    }
    if (this.#state === 'closed') this.#reopen()
    const lock = byLock ? this.#options.lock : undefined
    this.#options.post(tab, {is: 'welcome', known, lock, state: this.#state, why: this.#why})
    if (this.#asking) this.#options.post(tab, {is: 'ask'})
    for (const data of this.#presence.frames) this.#options.post(tab, {is: 'frame', data})
  }

  /** What was final for those who have not left yet, need not be for who comes now. */
  #reopen(): void {
    this.#state = 'connecting'
    this.#why = undefined
    this.#connection.open()
  }

  #leave(tab: string, closing?: Closing): void {
    if (!this.#members.has(tab)) return
    if (this.#members.size > 1) this.#remove(tab)
    else this.end(closing)
  }

  #remove(tab: string): void {
    this.#members.get(tab)!.gone.abort()
    this.#members.delete(tab)
    this.#options.left(tab)
    // It may have been asked.
    this.#asking?.next()
  }

  #beats(): void {
    for (const [tab, member] of this.#members) {
      if (member.unanswered === undefined) continue
      member.unanswered += 1
      if (member.unanswered > maxUnanswered) this.#leave(tab)
      else this.#options.post(tab, {is: 'beat'})
    }
  }

  #send(data: Data): void {
    if (this.#state === 'open') this.#connection.send(data)
    else this.#pending.push(data)
  }

  #became(state: ChannelState, why: Closing | undefined): void {
    this.#state = state
    this.#why = why
    if (state === 'closed') this.#pending = []
    if (state !== 'open' && state !== 'doubtful') this.#presence = new PresenceState()
    if (state === 'open') for (const data of this.#pending.splice(0)) this.#connection.send(data)
    // After `closed`, they leave.
    this.#options.postAll({is: 'became', state, why})
  }

  /** An answer is for the tab that asked; all else is for all. */
  #hear(data: string | ArrayBuffer): void {
    const message = typeof data === 'string' && marks.test(data) ? decode(data) : data
    this.#presence.take(message)
    const tab = askerOf(message)
    if (tab === undefined) this.#options.postAll({is: 'frame', data})
    else if (this.#members.has(tab)) this.#options.post(tab, {is: 'frame', data})
  }

  /** Asks one tab after the other, beginning where it stopped the last time; any of them may answer. */
  #offer(ended: AbortSignal): Promise<Offer> {
    const tabs = [...this.#members.keys()]
    let refusals = 0
    return new Promise((resolve, reject) => {
      const ask = () => {
        const tab = tabs.shift()
        if (tab === undefined) return
        const member = this.#members.get(tab)
        if (!member) return ask()
        this.#members.delete(tab)
        this.#members.set(tab, member)
        this.#options.post(tab, {is: 'ask'})
      }
      const timer = setInterval(ask, askPace)
      const done = () => {
        clearInterval(timer)
        this.#asking = undefined
      }
      const take = (answer: OfferAnswer) => {
        if (answer.is === 'no offer' && !answer.isAway && (refusals += 1) < this.#members.size) return ask()
        done()
        if (answer.is === 'offer') resolve({protocols: answer.protocols, headers: {}})
        else reject(new Error(answer.why))
      }
      ended.addEventListener('abort', done)
      this.#asking = {take, next: ask}
      ask()
    })
  }
}

/** What is in the frames that the hub has to read: answers, and who is there. */
const marks = /"ref":"~|"candy\.presence"/

function askerOf(message: unknown): string | undefined {
  return isObject(message) && (message.type === 'reply' || message.type === 'error')
    ? tabOf(message.ref)
    : undefined
}
