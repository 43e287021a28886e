import {RequestError} from './request-error.js'

interface Pending {
  readonly resolve: (data: unknown) => void
  readonly reject: (error: RequestError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** Requests that wait for their answer. Each is settled once: by the answer, by its time, or by the end of it all. */
export class Requests {
  readonly #pending = new Map<number, Pending>()
  #last = 0

  /**
   * @param send sends it with this `ref`; `false` if it could not
   * @param timeout milliseconds
   */
  make(send: (ref: number) => boolean, timeout: number): Promise<unknown> {
    const ref = (this.#last += 1)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(ref)?.reject(new RequestError('TIMEOUT', `No answer in ${timeout} ms`)),
        timeout,
      )
      this.#pending.set(ref, {resolve, reject, timer})
      if (!send(ref)) this.#settle(ref)?.reject(new RequestError('CLOSED', 'The connection is closed'))
    })
  }

  /** @returns whether a message was the answer to one of them */
  take(message: Readonly<Record<string, unknown>>): boolean {
    const {type, ref} = message
    if ((type !== 'reply' && type !== 'error') || typeof ref !== 'number') return false
    const request = this.#settle(ref)
    if (!request) return false
    if (type === 'reply') request.resolve(message.data)
    else request.reject(errorOf(message))
    return true
  }

  /** The connection is gone: what was asked will not be answered. */
  end(): void {
    for (const ref of this.#pending.keys())
      this.#settle(ref)?.reject(new RequestError('CLOSED', 'The connection closed before the answer came'))
  }

  #settle(ref: number): Pending | undefined {
    const request = this.#pending.get(ref)
    clearTimeout(request?.timer)
    this.#pending.delete(ref)
    return request
  }
}

function errorOf({code, message, details}: Readonly<Record<string, unknown>>): RequestError {
  return new RequestError(String(code), String(message), details)
}
