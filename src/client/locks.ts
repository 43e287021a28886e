/** What is used of Web Locks. TypeScript's own types would bring the whole DOM. */
interface LockManager {
  request<T>(name: string, options: {signal: AbortSignal}, held: () => T): Promise<Awaited<T>>
}

/** They end with the tab or worker that holds them, however that ends. Only a secure context has them. */
export function hasLocks(): boolean {
  return manager() !== undefined
}

/** Resolves once the lock is held, which it is until the signal. Never rejects: before, it is not held at all. */
export async function hold(name: string, until: AbortSignal): Promise<void> {
  await new Promise<void>(held => {
    const released = new Promise<void>(done => until.addEventListener('abort', () => done()))
    void request(name, until, () => {
      held()
      return released
    })
  })
}

/** Runs once nobody holds the lock any more, unless the signal comes before; while it runs, the lock is held. */
export async function whenFree(name: string, until: AbortSignal, run: () => unknown): Promise<void> {
  await request(name, until, run)
}

/** One after the other, where there are locks. @throws what `run` throws, and AbortError */
export async function inTurn<T>(name: string, until: AbortSignal, run: () => Promise<T>): Promise<T> {
  return manager()?.request(name, {signal: until}, run) ?? run()
}

async function request(name: string, until: AbortSignal, run: () => unknown): Promise<void> {
  try {
    await manager()!.request(name, {signal: until}, run)
  } catch (error) {
    if (!until.aborted) throw error
  }
}

function manager(): LockManager | undefined {
  return (globalThis as {navigator?: {locks?: LockManager}}).navigator?.locks
}
