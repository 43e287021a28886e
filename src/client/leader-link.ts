import {Hub} from './hub.js'
import type {Link, LinkEvents} from './link.js'
import {hasLocks, whenFree} from './locks.js'
import {onAway} from './page.js'
import type {Join, ToHub, ToTab} from './tab-messages.js'

/** What goes over the air: from a tab to whoever leads, or from there to one tab, or to all. */
type OnAir =
  | {readonly from: string; readonly message: ToHub}
  | {readonly to: string | undefined; readonly message: ToTab | {readonly is: 'hello'}}

/** A BroadcastChannel: whoever has its name hears all others. */
interface Air {
  postMessage(message: OnAir): void
  close(): void
  onmessage: ((event: {data: OnAir}) => void) | null
}

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
    this.#air = airOf(join.key)
    this.#air.onmessage = ({data}) => {
      if ('to' in data && (data.to ?? join.tab) === join.tab) this.#hear(data.message)
    }
    this.post(join)
    void whenFree(`${join.key} leader`, this.#closed.signal, () => lead(join, this.#closed.signal))
  }

  post(message: ToHub): void {
    this.#air.postMessage({from: this.#join.tab, message})
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
  const air = airOf(first.key)
  const ended = new AbortController()
  let hub: Hub | undefined
  return new Promise(resolve => {
    const end = () => {
      if (ended.signal.aborted) return
      ended.abort()
      hub?.end()
      air.close()
      resolve()
    }
    const endIfEmpty = () => (hub?.isEmpty ?? true) && end()
    air.onmessage = ({data}) => {
      if (!('from' in data)) return
      if (data.message.is === 'join')
        hub ??= new Hub(data.message, {
          lock: undefined,
          post: (to, message) => air.postMessage({to, message}),
          postAll: message => air.postMessage({to: undefined, message}),
          left: endIfEmpty,
        })
      hub?.hear(data.from, data.message)
    }
    onAway(end, ended.signal)
    left.addEventListener('abort', endIfEmpty, {signal: ended.signal})
    air.postMessage({to: undefined, message: {is: 'hello'}})
  })
}

function airOf(name: string): Air {
  return new BroadcastChannel(name) as unknown as Air
}
