export type Listener = (...args: never[]) => unknown

/** Who listens to what. What one listener throws, or rejects with, must not keep it from the others. */
export class Listeners {
  readonly #byEvent = new Map<string, Set<Listener>>()

  add(event: string, fn: Listener): void {
    this.#byEvent.set(event, (this.#byEvent.get(event) ?? new Set()).add(fn))
  }

  remove(event: string, fn: Listener): void {
    this.#byEvent.get(event)?.delete(fn)
  }

  emit(event: string, ...args: unknown[]): void {
    // A copy: whoever begins to listen meanwhile hears the next one.
    for (const fn of Array.from(this.#byEvent.get(event) ?? [])) void this.#run(fn, event, args)
  }

  async #run(fn: Listener, event: string, args: readonly unknown[]): Promise<void> {
    try {
      await fn(...(args as never[]))
    } catch (error) {
      this.report(error, event)
    }
  }

  /** Gives an error to the `error` listeners; without any, it is as if nobody had caught it. */
  report(error: unknown, during: string): void {
    if (during === 'error' || !this.#byEvent.get('error')?.size)
      return queueMicrotask(() => {
        throw error
      })
    this.emit(
      'error',
      error instanceof Error ? error : new Error('something was thrown that is no Error', {cause: error}),
    )
  }
}
