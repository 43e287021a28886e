import {setImmediate} from 'node:timers'
import {closeCodes} from '../codes.js'
import {bound} from '../limits.js'
import type {Frame, SendOptions} from '../rooms/frame.js'
import type {Traffic} from '../telemetry/traffic.js'
import {Backlog, type Waiting} from './backlog.js'
import {Batch} from './batch.js'
import type {OutboxOwner} from './outbox-owner.js'
import {sendEach} from './send-each.js'
import {isOpen, type Socket} from './socket.js'
import {Tick} from './tick.js'

/** Bytes. More in one piece saves no system call worth the copying. */
const mostMerged = 16_384

/** Bytes. A longer frame is written as it is: connections share it, where each would have a copy among frames of its own. */
const longestMerged = 4_096

/** Bytes. What can be held before the socket has said that it is full: its own mark, one piece, and a few answers to pings. */
const mostUnnoticed = 65_536 + mostMerged + 8_192

// Of the process, as its event loop is.
const tick = new Tick()

/**
 * Everything that one connection is sent, in order. What comes within one turn of the event loop leaves in one write, as
 * a write costs the same for one frame as for twenty. What the socket does not take waits here, within bounds.
 */
export class Outbox {
  readonly #socket: Socket
  readonly #owner: OutboxOwner
  /** Its owner's: asked for with every message. */
  readonly #traffic: Traffic
  readonly #deflates: boolean
  /** Short frames put together. They leave at the end of this turn, or queue behind the backlog. */
  #pending: Batch | undefined
  #sent: (() => void)[] | undefined
  /** There as long as something is in the way. */
  #backlog: Backlog | undefined
  /** A shorter frame needs no look at what is held, as long as nothing is in the way. */
  #surelyFits: number
  #lagged = false

  constructor(socket: Socket, owner: OutboxOwner) {
    this.#socket = socket
    this.#owner = owner
    this.#traffic = owner.traffic
    this.#deflates = socket.deflates
    this.#surelyFits = bound(owner.limits.maxBuffered) - mostUnnoticed
  }

  /** Bytes that the operating system has not yet taken. A message that is being compressed counts as it is. */
  get buffered(): number {
    return this.#socket.bufferedAmount + (this.#pending?.size ?? 0) + (this.#backlog?.size ?? 0)
  }

  /**
   * @param sent called when the frame has left, or never will; not for one that may be replaced
   * @returns whether it was accepted: a volatile message is dropped where others wait, and too much ends the connection
   */
  send(frame: Frame, options?: SendOptions, sent?: () => void): boolean {
    const isEasy = !this.#backlog && !options && frame.size <= this.#surelyFits
    if (!isEasy && !this.#admits(frame, options)) return false
    this.#traffic.messagesOut += 1
    this.#put(frame, options?.latest, sent)
    return true
  }

  /** Writes what is there now, at once, unless something is in the way. */
  flush(): void {
    if (!this.#backlog) this.#endPiece()
  }

  /** Writes everything, whether the socket takes it or not, and what is still being compressed as it is. */
  finish(): void {
    const backlog = this.#backlog
    this.#endPiece()
    for (const waiting of backlog ?? []) {
      const {what, sent} = waiting
      backlog!.remove(waiting)
      const batch = what instanceof Batch ? what : new Batch(what)
      if (this.#write(batch, sent)) continue
      this.#traffic.late += batch.count
      sent?.()
    }
    if (backlog?.full === false) this.#backlog = undefined
  }

  /** Lets go of everything that is not written: it never will be, and is counted as too late. */
  forget(): void {
    const told = [...(this.#backlog ?? [])].map(({sent}) => sent).concat(this.#sent ?? [])
    this.#traffic.late += (this.#backlog?.count ?? 0) + (this.#pending?.count ?? 0)
    this.#pending = undefined
    this.#sent = undefined
    this.#backlog = undefined
    for (const tell of told) tell?.()
  }

  /** The socket holds as much as it should: until it has drained, all else waits. */
  filled(): void {
    ;(this.#backlog ??= new Backlog()).full = true
  }

  drained(): void {
    if (!this.#backlog) return
    this.#backlog.full = false
    this.#advance()
  }

  #admits(frame: Frame, {latest, volatile}: SendOptions = {}): boolean {
    const most = bound(this.#owner.limits.maxBuffered)
    const replaced = latest === undefined ? 0 : this.#sizeOf(latest)
    const held = this.buffered - replaced
    const fits = held + frame.size <= most
    if (volatile === true && (!fits || (replaced === 0 && held * 4 >= most))) {
      this.#traffic.dropped += 1
      return false
    }
    if (!fits) {
      this.#traffic.late += 1
      this.#owner.exceeded('maxBuffered')
      this.#owner.cut(closeCodes.tooSlow.code, closeCodes.tooSlow.reason)
      return false
    }
    if (!this.#lagged && (held + frame.size) * 4 >= most) {
      this.#lagged = true
      this.#owner.lagging()
    }
    if (replaced > 0) this.#replace(latest!)
    return true
  }

  /** Bytes of what waits under a key; 0 if nothing does. */
  #sizeOf(key: string): number {
    return this.#backlog ? (this.#backlog.of(key)?.what.size ?? 0) : (this.#pending?.sizeOf(key) ?? 0)
  }

  #replace(key: string): void {
    this.#traffic.replaced += 1
    const waiting = this.#backlog?.of(key)
    if (waiting) this.#backlog!.remove(waiting)
    else this.#pending = this.#pending?.without(key, tick.first)
  }

  #put(frame: Frame, key: string | undefined, sent: (() => void) | undefined): void {
    if (this.#backlog) return this.#putBehind(this.#backlog, frame, key, sent)
    const ready = this.#deflates ? frame.deflated : frame
    if (ready instanceof Promise || this.#startsPiece(ready)) this.#endPiece()
    // The socket may have become full by that.
    if (this.#backlog) return this.#putBehind(this.#backlog, frame, key, sent)
    if (ready instanceof Promise) {
      this.#backlog = new Backlog()
      this.#backlog.add({what: frame, key, sent})
      return this.#advance()
    }
    this.#add(ready, key, sent)
    if (ready.size > longestMerged) this.#endPiece()
  }

  /**
   * Short frames are put together. A long one is compressed only when its turn has come. One with a key stays alone, so that
   * it can be replaced.
   */
  #putBehind(backlog: Backlog, frame: Frame, key: string | undefined, sent: (() => void) | undefined): void {
    const ready = this.#deflates && frame.size <= longestMerged ? frame.deflated : frame
    if (key !== undefined || frame.size > longestMerged || ready instanceof Promise) {
      this.#endPiece()
      return backlog.add({what: frame, key, sent})
    }
    if (this.#startsPiece(ready)) this.#endPiece()
    this.#add(ready, undefined, sent)
  }

  #startsPiece({size}: Frame): boolean {
    const pending = this.#pending
    return pending !== undefined && (size > longestMerged || pending.size + size > mostMerged)
  }

  #add(frame: Frame, key: string | undefined, sent: (() => void) | undefined): void {
    this.#pending = this.#pending ? this.#pending.with(frame, key) : tick.begin(this, frame, key)
    if (sent) (this.#sent ??= []).push(sent)
  }

  /** What is put together leaves, or waits as one. */
  #endPiece(): void {
    const pending = this.#pending
    if (!pending) return
    const told = this.#sent
    this.#pending = undefined
    this.#sent = undefined
    const sent = told && (() => told.forEach(tell => tell()))
    if (this.#backlog)
      this.#backlog.add({what: this.#backlog.full ? pending.seal() : pending, key: undefined, sent})
    else this.#write(pending, sent)
  }

  /** What waits leaves, as far as the socket takes it, and up to the next that is being compressed. */
  #advance(): void {
    const backlog = this.#backlog
    if (!backlog || backlog.full || backlog.compressing) return
    this.#endPiece()
    this.#socket.together(() => {
      for (const waiting of backlog) {
        if (backlog.full || !this.#goes(waiting, backlog)) return
      }
    })
    if (backlog.isEmpty && !backlog.full) this.#backlog = undefined
  }

  /** @returns `false` if it has to wait */
  #goes(waiting: Waiting, backlog: Backlog): boolean {
    const {what, sent} = waiting
    const ready = what instanceof Batch || !this.#deflates ? what : what.deflated
    if (ready instanceof Promise) {
      backlog.compressing = true
      void ready.then(() => this.#compressed(backlog))
      return false
    }
    if (!this.#write(ready instanceof Batch ? ready : new Batch(ready), sent)) {
      if (isOpen(this.#socket)) setImmediate(() => this.#advance())
      return false
    }
    backlog.remove(waiting)
    return true
  }

  #compressed(backlog: Backlog): void {
    backlog.compressing = false
    if (backlog === this.#backlog) this.#advance()
  }

  /** @returns `false` if it could not be now, and must be as a whole */
  #write(batch: Batch, sent: (() => void) | undefined): boolean {
    const isWritten = this.#socket.writeFrames(batch.bytes, sent) || this.#writeEach(batch, sent)
    if (isWritten) this.#traffic.bytesOut += batch.size
    return isWritten
  }

  #writeEach({frames}: Batch, sent: (() => void) | undefined): boolean {
    if (!frames) return false
    // Nobody tells when the socket is full any more.
    this.#surelyFits = -1
    sendEach(frames, this.#socket, sent)
    return true
  }
}
