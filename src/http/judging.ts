import type {Duplex} from 'node:stream'
import type {Candy} from '../candy.js'
import {logThrown} from '../handshake/accept.js'
import {judge, type Admit} from '../handshake/gate.js'
import type {Offer} from '../handshake/protocol.js'
import {refusal, status, type Verdict} from '../handshake/verdict.js'
import type {Journal} from '../telemetry/journal.js'
import {inTrace} from '../telemetry/trace.js'
import type {RoutedRequest} from './router.js'

/** What comes of a handshake; `gone`: its client has left. */
export type Outcome = Verdict | 'gone'

/** The handshakes that wait for their verdict, and the time they have. */
export class Judging {
  readonly #journal: Journal
  readonly #waiting = new Set<() => void>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Asks the gate. Never throws or rejects. */
  ask(routed: RoutedRequest, offer: Offer, socket: Duplex, admit: Admit): Outcome | Promise<Outcome> {
    const {candy, endpoint} = routed
    try {
      const judged = inTrace(candy.trace, () => judge(candy, endpoint.guards, offer, admit))
      if (judged instanceof Promise) return this.#inTime(judged, routed, socket)
      return endpoint.guards.middleware.length > 0 ? afterwards(judged) : judged
    } catch (error) {
      return this.#threw(candy, error)
    }
  }

  /** The app closes: those who wait get 503. */
  endAll(): void {
    for (const end of this.#waiting) end()
  }

  #threw(candy: Candy, error: unknown): Verdict {
    logThrown(candy, error, 'the handshake threw', this.#journal.log)
    return refusal('internal')
  }

  /** Waits for the gate: its verdict, or 503 if it takes too long or the app closes, or `gone` if the client has left. */
  #inTime(judged: Promise<Verdict>, {candy, endpoint}: RoutedRequest, socket: Duplex): Promise<Outcome> {
    const {upgradeTimeout} = endpoint.limits
    return new Promise(resolve => {
      const settle = (outcome: Outcome) => {
        clearTimeout(timer)
        socket.off('close', gone)
        this.#waiting.delete(closing)
        resolve(outcome)
      }
      // It waits on, as one of `maxPendingUpgrades`: what the app does for it goes on too.
      const gone = () => resolve('gone')
      const closing = () => settle(status(503, 'closing'))
      const tooLong = () => {
        if (!socket.destroyed) this.#journal.exceeded('upgradeTimeout', {route: candy.path})
        settle(status(503, 'upgradeTimeout'))
      }
      const timer = upgradeTimeout === 'off' ? undefined : setTimeout(tooLong, upgradeTimeout)
      socket.once('close', gone)
      this.#waiting.add(closing)
      judged.then(
        verdict => settle(socket.destroyed ? 'gone' : verdict),
        (error: unknown) => {
          // Once the client is gone, an error is usually its consequence: no fault of the app.
          settle(candy.ended ? refusal('internal') : this.#threw(candy, error))
        },
      )
    })
  }
}

/** What a middleware has begun and not awaited may still say `close()`, in these microtasks. */
function afterwards(verdict: Verdict): Promise<Verdict> {
  return Promise.resolve(verdict).then(same).then(same)
}

function same<T>(value: T): T {
  return value
}
