import type {Frame} from '../rooms/frame.js'
import type {Batch} from './batch.js'
import type {Socket} from './socket.js'
import {Tick} from './tick.js'

interface Waiting {
  readonly frame: Frame
  readonly sent: (() => void) | undefined
}

/** Bytes. More in one piece saves no system call worth the copying. */
const mostMerged = 16_384

/** Bytes. A longer frame is written as it is: connections share it, where each would have a copy among frames of its own. */
const longestMerged = 4_096

// Of the process, as its event loop is.
const tick = new Tick()

/**
 * Everything that one connection is sent, in order. What comes within one turn of the event loop leaves in one write, as
 * a write costs the same for one frame as for twenty.
 */
export class Outbox {
  readonly #socket: Socket
  readonly #deflates: boolean
  #pending: Batch | undefined
  #sent: (() => void)[] | undefined
  /** Behind a message that is being compressed, which is the first of them. */
  #waiting: Waiting[] | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.#deflates = socket.deflates
  }

  /** Bytes that the operating system has not yet taken. A message that is being compressed counts as it is. */
  get buffered(): number {
    const waiting = this.#waiting?.reduce((sum, {frame}) => sum + frame.size, 0) ?? 0
    return this.#socket.bufferedAmount + (this.#pending?.size ?? 0) + waiting
  }

  /** @param sent called when the frame has left, or never will */
  send(frame: Frame, sent?: () => void): void {
    if (this.#waiting) return void this.#waiting.push({frame, sent})
    const ready = this.#deflates ? frame.deflated : frame
    if (!(ready instanceof Promise)) return this.#add(ready, sent)
    this.#waiting = [{frame, sent}]
    void ready.then(() => this.#resume())
  }

  /** Writes what is there now, at once. */
  flush(): void {
    const pending = this.#pending
    if (!pending) return
    const told = this.#sent
    this.#pending = undefined
    this.#sent = undefined
    const sent = told && (() => told.forEach(tell => tell()))
    if (this.#socket.writeFrames(pending.bytes, sent)) return
    const {frames} = pending
    for (const [index, {data, binary}] of frames.entries()) {
      const done = index + 1 === frames.length && sent ? sent : ignore
      this.#socket.send(data, {binary, compress: false}, done)
    }
  }

  /** Writes everything, what is still being compressed as it is. */
  finish(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const {frame, sent} of waiting ?? []) this.#add(frame, sent)
    this.flush()
  }

  /** Lets go of everything that is not written: it never will be. */
  forget(): void {
    const told = [...(this.#sent ?? []), ...(this.#waiting ?? []).map(({sent}) => sent)]
    this.#pending = undefined
    this.#sent = undefined
    this.#waiting = undefined
    for (const tell of told) tell?.()
  }

  #add(frame: Frame, sent: (() => void) | undefined): void {
    const isLong = frame.size > longestMerged
    if (this.#pending && (isLong || this.#pending.size + frame.size > mostMerged)) this.flush()
    this.#pending = this.#pending ? this.#pending.with(frame) : tick.begin(this, frame)
    if (sent) (this.#sent ??= []).push(sent)
    if (isLong) this.flush()
  }

  /** What is ready goes on, up to the next that is not. */
  #resume(): void {
    const waiting = this.#waiting ?? []
    let ready = 0
    for (const {frame, sent} of waiting) {
      const {deflated} = frame
      if (deflated instanceof Promise) {
        void deflated.then(() => this.#resume())
        break
      }
      this.#add(deflated, sent)
      ready += 1
    }
    this.#waiting = ready < waiting.length ? waiting.slice(ready) : undefined
  }
}

function ignore(): void {
  // `ws` tells a failed write here and by `close`; the second is enough.
}
