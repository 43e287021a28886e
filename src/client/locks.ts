/** What is used of Web Locks. TypeScript's own types would bring the whole DOM. */
interface LockManager {
  request<T>(
    name: string,
    options: {signal?: AbortSignal; mode?: 'shared'},
    held: () => T,
  ): Promise<Awaited<T>>
}

let locks: LockManager | undefined

/**
 * Looks for Web Locks, which end with the tab or worker that holds them, however that ends. Only a secure context has them, and
 * a sandboxed page, or one whose site data is blocked, may not use them. Never rejects.
 */
export async function findLocks(): Promise<void> {
  const {navigator} = globalThis as {navigator?: {locks?: LockManager}}
  try {
    await navigator?.locks?.request('candy.v1', {mode: 'shared'}, () => undefined)
    locks = navigator?.locks
  } catch {
    locks = undefined
  }
}

/** Whether they were found. */
export function hasLocks(): boolean {
  return locks !== undefined
}

/** Resolves once the lock is held, which it is until the signal. Never rejects: before, it is not held at all. */
export async function hold(name: string, until: AbortSignal): Promise<void> {
  await new Promise<void>(held => {
    const released = new Promise<void>(done => until.addEventListener('abort', () => done()))
    void whenFree(name, until, () => {
      held()
      return released
    })
  })
}

/** Runs once nobody holds the lock any more, unless the signal comes before; while it runs, the lock is held. */
export async function whenFree(name: string, until: AbortSignal, run: () => unknown): Promise<void> {
  try {
    await locks!.request(name, {signal: until}, run)
  } catch (error) {
    if (!until.aborted) throw error
  }
}

/** One after the other, where there are locks. @throws what `run` throws, and AbortError */
export async function inTurn<T>(name: string, until: AbortSignal, run: () => Promise<T>): Promise<T> {
  return locks?.request(name, {signal: until}, run) ?? run()
}
