import {RequestError} from './request-error.js'

interface Pending {
  readonly resolve: (data: unknown) => void
  readonly reject: (error: RequestError) => void
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/** Timers fire at once above this (2^31 - 1 ms, 24.8 days). */
const maxTimeout = 2 ** 31 - 1

/** Requests that wait for their answer. Each is settled once: by the answer, by its time, or by the end of it all. */
export class Requests {
  readonly #pending = new Map<string, Pending>()
  readonly #dropped: (ref: string) => void
  #last = 0

  /** @param dropped told that nobody waits for an answer any longer */
  constructor(dropped: (ref: string) => void) {
    this.#dropped = dropped
  }

  /**
   * @param send sends it with this `ref`, or says why not
   * @param timeout milliseconds; above 24.8 days, none
   */
  make(send: (ref: string) => RequestError | undefined, timeout: number): Promise<unknown> {
    // An app may number messages itself, and would not like this.
    const ref = `~${(this.#last += 1)}`
    return new Promise((resolve, reject) => {
      const refused = send(ref)
      if (refused) return reject(refused)
      const timer = timeout > maxTimeout ? undefined : setTimeout(() => this.#late(ref, timeout), timeout)
      this.#pending.set(ref, {resolve, reject, timer})
    })
  }

  /** @returns whether a message is the answer to one of them, be it too late */
  take({type, ref, ...rest}: Readonly<Record<string, unknown>>): boolean {
    if ((type !== 'reply' && type !== 'error') || !this.#isOurs(ref)) return false
    const request = this.#settle(ref)
    if (type === 'reply') request?.resolve(rest.data)
    else request?.reject(new RequestError(String(rest.code), String(rest.message), rest.details))
    return true
  }

  /**
   * The connection is gone: what was asked will not be answered.
   *
   * @param waits whether it has not been asked yet
   */
  end(waits: (ref: string) => boolean): void {
    for (const ref of this.#pending.keys())
      if (!waits(ref))
        this.#settle(ref)?.reject(new RequestError('CLOSED', 'The connection closed before the answer came'))
  }

  #isOurs(ref: unknown): ref is string {
    const [, number] = /^~(\d+)$/.exec(String(ref)) ?? []
    return typeof ref === 'string' && Number(number) <= this.#last
  }

  #late(ref: string, timeout: number): void {
    this.#dropped(ref)
    this.#settle(ref)?.reject(new RequestError('TIMEOUT', `No answer in ${timeout} ms`))
  }

  #settle(ref: string): Pending | undefined {
    const request = this.#pending.get(ref)
    clearTimeout(request?.timer)
    this.#pending.delete(ref)
    return request
  }
}
