import {bound, defaultLimits, type Limits} from '../limits.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'

export interface InboundFrame {
  readonly data: Buffer
  readonly binary: boolean
}

/** What the inbox may do to the socket it reads from. */
export interface Flow {
  pause(): void
  /** Told of each frame that is handled while reading is paused. */
  moved(): void
  resume(): void
}

/** Whom an inbox hands its frames to, and how. */
export interface Reader {
  readonly limits: Pick<Limits, 'maxPending' | 'maxPendingBytes' | 'handlerTimeout'>
  /** How many frames are handled at once. */
  readonly parallel: number
  /** Told, once, that so much is held that reading pauses. */
  exceeded(limit: ExceededLimit): void
  /** Never throws or rejects; a promise holds the next frame back. */
  handle(frame: InboundFrame): unknown
}

/**
 * Frames of one connection on their way to its handlers: held until opened, then handed out in order, one at a
 * time (or `parallel` at a time). Reading pauses when too much is held; nothing is dropped for it.
 */
export class Inbox {
  readonly #reader: Reader
  readonly #flow: Flow
  #queue: InboundFrame[] = []
  #head = 0
  #bytes = 0
  #running = 0
  #opened = false
  #stopped = false
  #paused = false
  #hasPaused = false
  #onIdle: (() => void) | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(reader: Reader, flow: Flow) {
    this.#reader = reader
    this.#flow = flow
  }

  push(frame: InboundFrame): void {
    if (this.#stopped) return
    if (this.#opened && this.held === 0 && this.#running < this.#reader.parallel) return this.#handOver(frame)
    this.#queue.push(frame)
    this.#bytes += frame.data.length
    this.#pump()
    if (!this.#paused && this.#isFull) this.#pause()
  }

  /** Lets frames through from the next microtask on, so that code of this turn can still add listeners. */
  open(): void {
    if (this.#opened) return
    this.#opened = true
    if (this.#onIdle) this.#wait()
    if (this.held > 0) queueMicrotask(() => this.#pump())
  }

  /** Holds frames back again. */
  hold(): void {
    this.#opened = false
    if (this.#onIdle) this.#wait()
  }

  /** The server decided to close: from here on nothing reaches a handler. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#head = 0
    this.#bytes = 0
    this.#release()
    this.#settle()
  }

  /** Resolves once nothing is held and nothing runs; stops what is left when for `handlerTimeout` none is done. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      this.#onIdle = () => {
        clearTimeout(this.#patience)
        this.#patience = undefined
        this.#onIdle = undefined
        resolve()
      }
      this.#wait()
      this.#settle()
    })
  }

  #wait(): void {
    clearTimeout(this.#patience)
    const {handlerTimeout} = this.#reader.limits
    // A handler may take for ever, but not the wait for somebody who listens: that may be nobody.
    const isUnheard = !this.#opened && this.#running === 0
    const within = handlerTimeout === 'off' && isUnheard ? defaultLimits.handlerTimeout : handlerTimeout
    this.#patience = within === 'off' ? undefined : setTimeout(() => this.#giveUp(), within)
    this.#patience?.unref()
  }

  #giveUp(): void {
    this.stop()
    this.#onIdle?.()
  }

  get isIdle(): boolean {
    return this.#running === 0 && (this.held === 0 || this.#stopped)
  }

  /** Frames that wait for their turn. */
  get held(): number {
    return this.#queue.length - this.#head
  }

  #pump(): void {
    while (this.#opened && !this.#stopped && this.held > 0 && this.#running < this.#reader.parallel)
      this.#run(this.#take())
    if (this.#paused && this.#isHalfEmpty) this.#release()
  }

  get #isFull(): boolean {
    const {maxPending, maxPendingBytes} = this.#reader.limits
    return this.held >= bound(maxPending) || this.#bytes >= bound(maxPendingBytes)
  }

  get #isHalfEmpty(): boolean {
    const {maxPending, maxPendingBytes} = this.#reader.limits
    return this.held * 2 <= bound(maxPending) && this.#bytes * 2 <= bound(maxPendingBytes)
  }

  #take(): InboundFrame {
    const frame = this.#queue[this.#head]!
    this.#head += 1
    this.#bytes -= frame.data.length
    if (this.#head === this.#queue.length || this.#head >= 1_024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return frame
  }

  /** Most frames meet an inbox that waits for them: those are never queued. */
  #handOver(frame: InboundFrame): void {
    this.#run(frame)
    // What came while it was being handled.
    if (this.held > 0) this.#pump()
  }

  /** A handler that is done at once costs no promise. */
  #run(frame: InboundFrame): void {
    this.#running += 1
    if (this.#paused) this.#flow.moved()
    const result = this.#reader.handle(frame)
    if (result instanceof Promise) {
      void result.then(() => {
        this.#running -= 1
        // Before the next one begins, whose time is as long: so one that times out as well is not waited for.
        if (this.#onIdle) this.#wait()
        this.#pump()
        this.#settle()
      })
      return
    }
    this.#running -= 1
    this.#settle()
  }

  #pause(): void {
    this.#paused = true
    this.#flow.pause()
    if (this.#hasPaused) return
    this.#hasPaused = true
    this.#reader.exceeded(
      this.held >= bound(this.#reader.limits.maxPending) ? 'maxPending' : 'maxPendingBytes',
    )
  }

  #release(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#flow.resume()
  }

  #settle(): void {
    if (this.#onIdle && this.isIdle) this.#onIdle()
  }
}
