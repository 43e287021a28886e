/** Milliseconds of silence after which the server is asked whether it is there. */
const idle = 25_000
/** Milliseconds after something was sent, if nothing came since. */
const afterSending = 1_000
/** Milliseconds between two questions, and until silence is told. */
const pace = 2_000
/** Milliseconds of silence, from the first question on, after which nobody is there. */
const patience = 10_000
/** Milliseconds without a question for a server that said it is busy. */
const busyPatience = 60_000

export interface WatchdogEvents {
  /** Asks. */
  ping(): void
  /** No answer yet. */
  doubtful(): void
  /** An answer after all. */
  recovered(): void
  dead(): void
  /** Bytes that are not on their way yet: as long as they become fewer, the line lives. */
  buffered(): number
}

/**
 * Whether the server is still there. A dead line makes no noise: without a question, TCP notices after many minutes, and browsers
 * show no protocol pings.
 */
export class Watchdog {
  readonly #on: WatchdogEvents
  #timer: ReturnType<typeof setTimeout> | undefined
  #heardAt = Date.now()
  #askedAt: number | undefined
  #doubtful = false
  #soon = false
  /** Whether nothing came since something was sent. */
  #silent = false
  #busy = false
  #slept = false
  #buffered = 0

  constructor(events: WatchdogEvents) {
    this.#on = events
    this.#rest()
  }

  /** @param busy whether it says that it reads nothing for now, and so will not answer; most frames say nothing of it */
  heard(busy = this.#busy): void {
    this.#heardAt = Date.now()
    this.#silent = false
    if (this.#askedAt === undefined && busy === this.#busy) return
    this.#askedAt = undefined
    this.#slept = false
    this.#busy = busy
    if (busy) this.#arm(busyPatience, () => this.#ask())
    else this.#rest()
    if (!this.#doubtful) return
    this.#doubtful = false
    this.#on.recovered()
  }

  sent(): void {
    if (this.#soon || this.#busy || this.#askedAt !== undefined) return
    this.#silent = true
    this.#arm(afterSending, () => (this.#silent ? this.#ask() : this.#rest()))
    // One look a second is enough, however much is sent.
    this.#soon = true
  }

  /** Asks now, unless it has, or it is known why there would be no answer. */
  ask(): void {
    if (!this.#busy) this.#ask()
  }

  /** Asks now, and takes the worst for true until there is an answer. */
  doubt(): void {
    this.#ask()
    this.#doubt()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #rest(): void {
    const left = idle - (Date.now() - this.#heardAt)
    // More is left than there was if the clock was put back.
    if (left > 0 && left <= idle) this.#arm(left, () => this.#rest())
    else this.#ask()
  }

  #ask(): void {
    if (this.#askedAt !== undefined) return
    this.#askedAt = Date.now()
    this.#askAgain()
  }

  #askAgain(): void {
    this.#buffered = this.#on.buffered()
    this.#on.ping()
    const due = Date.now() + pace
    this.#arm(pace, () => this.#unanswered(Date.now() - due))
  }

  /** @param late milliseconds by which the timer is: after sleep, the answer may lie there unread; but not twice */
  #unanswered(late: number): void {
    const slept = Math.abs(late) > pace && !this.#slept
    this.#slept ||= slept
    if (slept || this.#on.buffered() < this.#buffered) this.#askedAt = Date.now()
    else if (Date.now() - this.#askedAt! >= patience) return this.#on.dead()
    else this.#doubt()
    this.#askAgain()
  }

  #doubt(): void {
    if (this.#doubtful) return
    this.#doubtful = true
    this.#on.doubtful()
  }

  #arm(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#soon = false
    this.#timer = setTimeout(() => {
      this.#soon = false
      then()
    }, ms)
  }
}
