import type {Link, LinkEvents} from './link.js'
import {whenFree} from './locks.js'
import type {SharedWorkerLike} from './shared-worker.js'
import {pace, type Join, type ToHub, type ToTab} from './tab-messages.js'

/** Milliseconds until it is asked again: it may have been about to end, as one does that nobody needs. */
const welcomeTime = 2_000
/** Without an answer ever: it may be long on its way, and an `error` tells that it will not come. */
const maxTries = 5

type Port = SharedWorkerLike['port']

/** A line to the shared worker, and to its successor when it is gone: it dies with the tab that made it, if that crashes. */
export class WorkerLink implements Link {
  readonly #make: () => SharedWorkerLike
  readonly #join: Join
  readonly #on: LinkEvents
  readonly #closed = new AbortController()
  /** Through which this tab asked to come in. */
  readonly #ports = new Set<Port>()
  #port: Port | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lock: string | undefined
  #tries = 0

  /** @throws where there is none, or the page may not have one */
  constructor(join: Join, events: LinkEvents, make: () => SharedWorkerLike) {
    this.#make = make
    this.#join = join
    this.#on = events
    this.#open()
  }

  post(message: ToHub): void {
    this.#port?.postMessage(message)
  }

  close(): void {
    this.#closed.abort()
    clearTimeout(this.#timer)
    // A worker that comes late would take it for a tab that stays.
    for (const port of this.#ports) port.postMessage({is: 'leave', code: 1000, reason: ''})
    for (const port of this.#ports) port.close()
  }

  #open(): void {
    const worker = this.#make()
    const {port} = worker
    this.#ports.add(port)
    worker.addEventListener('error', () => !this.#port && this.#fail())
    port.addEventListener('message', ({data}) => this.#hear(data, port))
    port.start()
    port.postMessage(this.#join)
    this.#tries += 1
    this.#arm(welcomeTime, () => (this.#port || this.#tries < maxTries ? this.#open() : this.#fail()))
  }

  #hear(message: ToTab, port: Port): void {
    if (this.#closed.signal.aborted) return
    if (message.is === 'welcome') {
      this.#port = port
      this.#closeBefore(port)
      this.#watch(message.lock)
    }
    if (port !== this.#port) return
    if (message.is !== 'beat') return this.#on.heard(message)
    port.postMessage({is: 'alive'})
    this.#watch(undefined)
  }

  /** @param lock free once the worker is gone; without one, the next beat tells that it is not */
  #watch(lock: string | undefined): void {
    if (lock === undefined) return this.#arm(2.5 * pace, () => this.#lost())
    clearTimeout(this.#timer)
    if (lock !== this.#lock) void whenFree(lock, this.#closed.signal, () => this.#lost())
    this.#lock = lock
  }

  #lost(): void {
    if (this.#closed.signal.aborted) return
    this.#on.doubtful()
    this.#open()
  }

  #fail(): void {
    if (this.#closed.signal.aborted) return
    this.close()
    this.#on.failed()
  }

  /** The worker may still answer those after it, and then speaks through them. */
  #closeBefore(last: Port): void {
    for (const port of this.#ports) {
      if (port === last) return
      port.close()
      this.#ports.delete(port)
    }
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
  }
}
