/** Written as methods, so that a listener may say what it expects: `on('message', (data: Said) => ...)`. */
export interface WsEvents {
  /** JSON parsed if it is JSON, else the string; bytes as a Buffer. */
  message(data: unknown): unknown
  close(code: number, reason: string): unknown
  error(error: Error): unknown
  ping(data: Buffer): unknown
  pong(data: Buffer): unknown
}

export type WsEvent = keyof WsEvents

export const wsEvents: readonly WsEvent[] = ['message', 'close', 'error', 'ping', 'pong']

type Listener = (...args: never[]) => unknown
interface Entry {
  readonly fn: Listener
  readonly once: boolean
}

/** The listeners of one connection, in the order they were added. */
export class Listeners {
  #byEvent: Map<WsEvent, Entry[]> | undefined

  add(event: WsEvent, fn: Listener, once: boolean): void {
    this.#byEvent ??= new Map()
    this.#byEvent.set(event, [...(this.#byEvent.get(event) ?? []), {fn, once}])
  }

  remove(event: WsEvent, fn: Listener): void {
    const entries = this.#byEvent?.get(event)
    const index = entries?.findLastIndex(entry => entry.fn === fn) ?? -1
    if (index >= 0) this.#byEvent!.set(event, entries!.toSpliced(index, 1))
  }

  has(event: WsEvent): boolean {
    return (this.#byEvent?.get(event)?.length ?? 0) > 0
  }

  /** Those to run now; the ones for once are gone before they run, so no throw can run them twice. */
  take(event: WsEvent): readonly Listener[] {
    const entries = this.#byEvent?.get(event)
    if (!entries || entries.length === 0) return []
    if (entries.some(entry => entry.once)) {
      this.#byEvent!.set(
        event,
        entries.filter(entry => !entry.once),
      )
    }
    return entries.map(entry => entry.fn)
  }
}
