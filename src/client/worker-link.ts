import type {Link, LinkEvents} from './link.js'
import {whenFree} from './locks.js'
import type {SharedWorkerLike} from './shared-worker.js'
import {pace, type Join, type ToHub, type ToTab} from './tab-messages.js'

/** Milliseconds until a worker answers that is there, or has begun. */
const welcomeTime = 2_000
/** Without an answer to any. One that has answered once does so again. */
const maxTries = 3

/** A line to the shared worker, and to its successor when it is gone: it dies with the tab that made it, if that crashes. */
export class WorkerLink implements Link {
  readonly #make: () => SharedWorkerLike
  readonly #join: Join
  readonly #on: LinkEvents
  readonly #closed = new AbortController()
  #port: SharedWorkerLike['port'] | undefined
  #welcomed: SharedWorkerLike['port'] | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #tries = 0
  #lock: string | undefined

  /** @throws where there is none, or the page may not have one */
  constructor(make: () => SharedWorkerLike, join: Join, events: LinkEvents) {
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
    this.#port?.close()
    this.#welcomed?.close()
  }

  #open(): void {
    const worker = this.#make()
    const {port} = worker
    this.#port = port
    worker.addEventListener('error', () => !this.#welcomed && this.#fail())
    port.addEventListener('message', ({data}) => this.#hear(data, port))
    port.start()
    port.postMessage(this.#join)
    this.#arm(welcomeTime, () => {
      this.#tries += 1
      if (this.#welcomed || this.#tries < maxTries) this.#open()
      else this.#fail()
    })
  }

  #hear(message: ToTab, port: SharedWorkerLike['port']): void {
    if (message.is === 'welcome') {
      if (this.#welcomed !== port) this.#welcomed?.close()
      this.#welcomed = port
      this.#watch(message.lock)
    }
    if (port !== this.#welcomed) return
    if (message.is !== 'beat') return this.#on.heard(message)
    port.postMessage({is: 'alive'})
    this.#watch(undefined)
  }

  /** @param lock free once the worker is gone */
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
    this.close()
    this.#on.failed()
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
  }
}
