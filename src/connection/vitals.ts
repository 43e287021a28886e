import {closeCodes, type CloseCode} from '../codes.js'
import {bound, type Limit, type Limits} from '../limits.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'
import type {Flow} from './inbox.js'
import {Pause} from './pause.js'
import {paceOf, Rate} from './rate.js'
import type {Socket} from './socket.js'
import {tickMs, type Watched, type Wheel} from './wheel.js'

/** Whose vitals they are. */
export interface Patient {
  readonly socket: Socket
  readonly limits: Limits
  readonly wheel: Wheel
  /** 1: open. */
  readonly readyState: number
  exceeded(limit: ExceededLimit): void
  close(code: number, reason: string): void
  cut(code: number, reason: string): void
  terminate(): void
}

/** Of a heartbeat, so that its pong is not taken for an answer to the app's own ping. */
const heartbeat = Buffer.from('candy')

const open = 1

/** Milliseconds by which a timer may be early. */
const timerSlack = 2

/** A deadline is seen to be missed this part of it later, at the latest. */
const grain = 6

/**
 * Whether a connection is alive and does no harm, as seen from time to time: a ping that nobody answers, a message that is
 * never whole, a pause that never ends, a life that is long enough. And, as each message comes, how fast they come.
 * Times are the wheel's.
 */
export class Vitals implements Flow, Watched {
  /** Until the end: nothing of a connection may be kept by the wheel after it. */
  #patient: Patient | undefined
  /** Of the last ping. */
  #pinged: number
  /** Of the first ping since the last sign of life; 0: there is none. */
  #asked = 0
  /** Of the last sign of life. */
  #alive: number
  /** Bytes that had been read at the last look. */
  #heard = 0
  /** What `bytesGiven` was at the last look, if bytes were waiting then; else -1, since the system takes some for a dead peer too. */
  #given = -1
  /** Since when a message is under way; 0: none is. */
  #begun = 0
  /** Reading is paused. */
  #pause: Pause | undefined
  /** Whether reading was paused since the last look. */
  #resumed = false
  /** Since when the connection closes; 0: it is open. */
  #closing = 0
  readonly #dies: number
  /** Made when something comes: many connections only listen. */
  #rate: Rate | undefined

  /** @param waited milliseconds that the handshake took, in which the client may have sent something */
  constructor(patient: Patient, waited: number) {
    const {wheel, limits} = patient
    this.#patient = patient
    const now = wheel.refresh()
    // At random, so that those who came together are not looked at, pinged or ended together.
    const phase = 0.5 + Math.random() / 2
    this.#alive = now
    this.#pinged = now - Math.floor(finite(limits.pingInterval) * (1 - phase))
    this.#dies = now + Math.floor(finite(limits.maxLifetime) * (0.9 + Math.random() / 5))
    wheel.add(this, Math.min(this.#next(now, limits), this.#every(limits) * phase))
    if (waited >= tickMs) this.#rate = new Rate(paceOf(limits), waited, now)
  }

  /** A whole message has come. @returns whether it may be looked at; if not, the connection is cut */
  message(bytes: number): boolean {
    this.#begun = 0
    return this.spend(bytes)
  }

  /** Likewise for a ping or pong, which may come in the middle of a message. */
  spend(bytes: number): boolean {
    const patient = this.#patient
    if (!patient) return false
    const {wheel, limits} = patient
    const rate = (this.#rate ??= new Rate(paceOf(limits)))
    // What had come before reading paused, or is found when the socket has ended.
    this.#pause?.credit(rate, wheel.now)
    const exceeded = rate.spend(bytes, wheel)
    if (exceeded) this.#cut(exceeded, closeCodes.tooFast)
    return exceeded === undefined
  }

  /** @returns whether it answers a heartbeat */
  answers(pong: Buffer): boolean {
    if (!pong.equals(heartbeat)) return false
    this.#asked = 0
    return true
  }

  pause(): void {
    if (!this.#patient) return
    const {socket, wheel} = this.#patient
    this.#pause = new Pause(wheel.refresh())
    socket.pause()
  }

  /** A message has its turn while reading is paused. */
  moved(): void {
    if (this.#patient) this.#pause?.moved(this.#patient.wheel.refresh())
  }

  /** A handler took too long. */
  timedOut(): void {
    this.#pause?.timedOut()
  }

  resume(): void {
    if (!this.#patient) return
    const {socket, wheel} = this.#patient
    this.#pause?.credit(this.#rate, wheel.now)
    this.#pause = undefined
    this.#resumed = true
    socket.resume()
  }

  /** Who does not read the close frame, or does not answer, is cut by `ws` in time. */
  closing(): void {
    if (this.#closing === 0) this.#closing = this.#patient?.wheel.refresh() ?? 0
  }

  /** The connection has ended. */
  end(): void {
    if (!this.#patient) return
    const {wheel, limits} = this.#patient
    if (this.#closing > 0 && wheel.refresh() - this.#closing >= bound(limits.closeTimeout) - timerSlack)
      this.#patient.exceeded('closeTimeout')
    wheel.left()
    this.#patient = undefined
  }

  look(now: number): number {
    const patient = this.#patient
    if (!patient) return 0
    if (patient.readyState !== open) return this.#lookClosing(now, patient)
    if (now >= this.#dies) return this.#close('maxLifetime', closeCodes.recycled)
    const missed = this.#pause ? this.#lookPaused(now, this.#pause, patient) : this.#lookReading(now, patient)
    if (missed) return 0
    if (now - this.#pinged >= bound(patient.limits.pingInterval)) this.#ping(now, patient)
    return this.#next(now, patient.limits)
  }

  /** A peer that has sent its FIN and reads nothing more is cut by nobody else. */
  #lookClosing(now: number, patient: Patient): number {
    if (this.#closing === 0) this.#closing = now
    const left = this.#closing + bound(patient.limits.closeTimeout) - now
    if (left > 0) return left
    patient.socket.terminate()
    return 0
  }

  /** Nothing is read, so nothing is known of the peer. */
  #lookPaused(now: number, pause: Pause, {limits}: Patient): boolean {
    this.#begun = 0
    this.#lives(now)
    if (now < pause.deadline(limits)) return false
    this.#cut('pauseDeadline', closeCodes.stuck)
    return true
  }

  #lookReading(now: number, {limits, socket}: Patient): boolean {
    if (this.#showsLife(socket) || this.#resumed) this.#lives(now)
    this.#resumed = false
    if (!socket.partial) this.#begun = 0
    else if (this.#begun === 0) this.#begun = now
    else if (now - this.#begun >= bound(limits.messageTimeout)) {
      this.#close('messageTimeout', closeCodes.incomplete)
      return true
    }
    if (now < this.#verdict(limits)) return false
    this.#patient?.exceeded('pongTimeout')
    this.#patient?.terminate()
    return true
  }

  #showsLife({bytesRead, bytesGiven, bufferedAmount}: Socket): boolean {
    const lives = bytesRead !== this.#heard || (this.#given >= 0 && bytesGiven !== this.#given)
    this.#heard = bytesRead
    this.#given = bufferedAmount > 0 ? bytesGiven : -1
    return lives
  }

  #lives(now: number): void {
    this.#alive = now
    this.#asked = 0
  }

  /** When the peer is dead, if it gives no sign of life. A peer with a backlog gets longer, as the system takes that a megabyte at a time. */
  #verdict({pingInterval, pongTimeout}: Limits): number {
    if (this.#asked === 0) return Number.POSITIVE_INFINITY
    const answer = this.#asked + bound(pongTimeout)
    return this.#given < 0 ? answer : Math.max(answer, this.#alive + bound(pingInterval) + bound(pongTimeout))
  }

  #ping(now: number, {socket}: Patient): void {
    this.#pinged = now
    if (this.#asked === 0) this.#asked = now
    // Behind what waits already it would come too late to ask anything; and whoever is written to hears enough.
    if (socket.bufferedAmount === 0) socket.ping(heartbeat)
  }

  #next(now: number, limits: Limits): number {
    const {pingInterval, messageTimeout} = limits
    const ping = this.#pinged + bound(pingInterval)
    let next = Math.min(this.#every(limits), Math.min(this.#dies, ping, this.#verdict(limits)) - now)
    if (this.#begun > 0) next = Math.min(next, this.#begun + bound(messageTimeout) - now)
    if (this.#pause) next = Math.min(next, this.#pause.deadline(limits) - now)
    return Math.max(next, 1)
  }

  /** How often to look for what begins unnoticed. */
  #every({messageTimeout, pauseDeadline}: Limits): number {
    return Math.min(bound(messageTimeout), bound(pauseDeadline)) / grain
  }

  #close(limit: ExceededLimit, {code, reason}: CloseCode): 0 {
    this.#patient?.exceeded(limit)
    this.#patient?.close(code, reason)
    return 0
  }

  #cut(limit: ExceededLimit, {code, reason}: CloseCode): void {
    this.#patient?.exceeded(limit)
    this.#patient?.cut(code, reason)
  }
}

/** Milliseconds; a limit that is off is further away than any connection lasts. */
function finite(limit: Limit): number {
  return limit === 'off' ? Number.MAX_SAFE_INTEGER : limit
}
