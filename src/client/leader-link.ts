import {Air} from './air.js'
import {Hub} from './hub.js'
import type {Link, LinkEvents} from './link.js'
import {hasLocks, whenFree} from './locks.js'
import {onAway} from './page.js'
import type {Join, ToHub, ToTab} from './tab-messages.js'

/** A line to the tab that leads. All ask to, and one does; when it goes, the next one takes over. */
export class LeaderLink implements Link {
  readonly #join: Join
  readonly #on: LinkEvents
  readonly #air: Air
  readonly #closed = new AbortController()
  #welcomed = false

  /** @throws where tabs cannot hear each other, or not find out who leads */
  constructor(join: Join, events: LinkEvents) {
    if (!hasLocks()) throw new Error('There are no Web Locks')
    this.#join = join
    this.#on = events
    this.#air = new Air(join.key, said => {
      if ('to' in said && (said.to ?? join.tab) === join.tab) this.#hear(said.message)
    })
    this.post(join)
    void whenFree(`${join.key} leader`, this.#closed.signal, () => lead(join, this.#closed.signal))
  }

  post(message: ToHub): void {
    this.#air.say({from: this.#join.tab, message})
  }

  close(): void {
    this.#closed.abort()
    this.#air.close()
  }

  #hear(message: ToTab | {readonly is: 'hello'}): void {
    if (message.is === 'hello') {
      if (this.#welcomed) this.#on.doubtful()
      this.#welcomed = false
      return this.post(this.#join)
    }
    this.#welcomed ||= message.is === 'welcome'
    if (this.#welcomed && message.is !== 'beat') this.#on.heard(message)
  }
}

/**
 * Leads: also for the others, when this tab itself has left, until nobody is left, or the page goes.
 *
 * @param left this tab itself has
 * @returns the end of it
 */
function lead(first: Join, left: AbortSignal): Promise<void> {
  const ended = new AbortController()
  let hub: Hub | undefined
  return new Promise(resolve => {
    const air = new Air(first.key, said => {
      if (!('from' in said)) return
      if (said.message.is === 'join') hub ??= open(said.message)
      hub?.hear(said.from, said.message)
    })
    const open = (join: Join) =>
      new Hub(join, {
        lock: undefined,
        post: (to, message) => air.say({to, message}),
        postAll: message => air.say({to: undefined, message}),
        left: endIfEmpty,
      })
    const end = () => {
      if (ended.signal.aborted) return
      ended.abort()
      hub?.end()
      air.close()
      resolve()
    }
    const endIfEmpty = () => (hub?.isEmpty ?? true) && end()
    onAway(end, ended.signal)
    left.addEventListener('abort', endIfEmpty, {signal: ended.signal})
    air.say({to: undefined, message: {is: 'hello'}})
  })
}
