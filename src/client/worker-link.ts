import type {Link, LinkEvents} from './link.js'
import {whenFree} from './locks.js'
import type {SharedWorkerLike} from './shared-worker.js'
import {pace, type Join, type ToHub, type ToTab} from './tab-messages.js'

/** Milliseconds until a worker answers: it may still be on its way, and an `error` tells that it will not come. */
const firstWelcome = 10_000
/** Milliseconds until one answers that was there before. */
const nextWelcome = 2_000

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
    this.#closeAllBut(undefined)
  }

  #open(): void {
    const worker = this.#make()
    const {port} = worker
    this.#ports.add(port)
    worker.addEventListener('error', () => !this.#port && this.#fail())
    port.addEventListener('message', ({data}) => this.#hear(data, port))
    port.start()
    port.postMessage(this.#join)
    if (this.#port) this.#arm(nextWelcome, () => this.#open())
    else this.#arm(firstWelcome, () => this.#fail())
  }

  #hear(message: ToTab, port: Port): void {
    if (this.#closed.signal.aborted) return
    if (message.is === 'welcome') {
      this.#port = port
      this.#closeAllBut(port)
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

  #closeAllBut(one: Port | undefined): void {
    for (const port of this.#ports) {
      if (port === one) continue
      port.close()
      this.#ports.delete(port)
    }
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
  }
}
