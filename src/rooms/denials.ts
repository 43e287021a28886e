import type {Denial} from './bus.js'

/** A set of denials in a few bytes: two nodes that say the same of the same minute know the same. */
export interface DenialsDigest {
  /** Minutes since the epoch. */
  readonly minute: number
  readonly count: number
  readonly sum: number
}

/**
 * Who was denied, until it ends. Denials are forgotten by the minute, so that all nodes forget one together: otherwise
 * their digests would differ each time one of them is first.
 */
export class Denials {
  readonly #ends = new Map<string, number>()
  readonly #minutes = new Map<number, Set<string>>()
  #sum = 0
  #minute = minuteOf(Date.now())

  /** @returns those that have not ended, and were not known or not for as long */
  add(denials: Iterable<Denial>): Denial[] {
    this.#forget()
    const now = Date.now()
    return [...denials].filter(denial => this.#set(denial) && denial.until > now)
  }

  digest(): DenialsDigest {
    this.#forget()
    return {minute: this.#minute, count: this.#ends.size, sum: this.#sum}
  }

  /**
   * Whether another node knows others.
   *
   * @param inDoubt for one that counts in another minute: it may, or may know the same
   */
  differ(theirs: DenialsDigest, inDoubt: boolean): boolean {
    const {minute, count, sum} = this.digest()
    if (minute !== theirs.minute) return inDoubt
    return count !== theirs.count || sum !== theirs.sum
  }

  /** With those that have ended and are not forgotten yet: the digest counts them. */
  *[Symbol.iterator](): Generator<Denial> {
    this.#forget()
    for (const [what, until] of this.#ends) yield {what, until}
  }

  #set({what, until}: Denial): boolean {
    if ((this.#ends.get(what) ?? 0) >= until || minuteOf(until) < this.#minute) return false
    this.#drop(what)
    this.#ends.set(what, until)
    this.#sum = (this.#sum + hash(what, until)) >>> 0
    const minute = minuteOf(until)
    const ending = this.#minutes.get(minute)
    if (ending) ending.add(what)
    else this.#minutes.set(minute, new Set([what]))
    return true
  }

  #drop(what: string): void {
    const until = this.#ends.get(what)
    if (until === undefined) return
    this.#ends.delete(what)
    this.#sum = (this.#sum - hash(what, until)) >>> 0
    const minute = minuteOf(until)
    const ending = this.#minutes.get(minute)
    ending?.delete(what)
    if (ending?.size === 0) this.#minutes.delete(minute)
  }

  #forget(): void {
    const now = minuteOf(Date.now())
    if (now <= this.#minute) return
    this.#minute = now
    const over = [...this.#minutes].filter(([minute]) => minute < now)
    for (const [, ending] of over) for (const what of ending) this.#drop(what)
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / 60_000)
}

/** FNV-1a, 32 bits. */
function hash(what: string, until: number): number {
  const text = `${until} ${what}`
  let sum = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  return sum >>> 0
}
