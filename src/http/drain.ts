import {setTimeout as delay} from 'node:timers/promises'
import {closeCodes} from '../codes.js'
import type {Upgrades} from './upgrade.js'

/** So many connections may be closed at the same moment, and reconnect at the same moment; more are closed in batches. */
const atOnce = 50
const stepMs = 50

/**
 * Ends every connection: no more handshakes, then 1012 in stages over at most a third of the time, so that clients
 * do not come back all at once; then close handlers are awaited, and what is left at the deadline is cut.
 */
export async function drain(upgrades: Upgrades, time: number): Promise<void> {
  upgrades.refuseAll()
  const deadline = new AbortController()
  const timer = setTimeout(() => {
    deadline.abort()
    upgrades.cut()
  }, time)
  const aborted = new Promise<void>(resolve =>
    deadline.signal.addEventListener('abort', () => resolve(), {once: true}),
  )
  try {
    await sayGoodbye(upgrades, time / 3, deadline.signal)
    await Promise.race([Promise.all([upgrades.connections.gone(), upgrades.gone()]), aborted])
  } finally {
    clearTimeout(timer)
  }
}

async function sayGoodbye(upgrades: Upgrades, spread: number, deadline: AbortSignal): Promise<void> {
  // A handler that calls `app.close()` runs on to its next `await` before its own connection is closed.
  await Promise.resolve()
  const clients = [...upgrades.connections.keys()]
  const batch = Math.max(atOnce, Math.ceil(clients.length / Math.max(1, Math.floor(spread / stepMs))))
  for (let start = 0; start < clients.length && !deadline.aborted; start += batch) {
    if (start > 0) await delay(stepMs)
    for (const {ws} of clients.slice(start, start + batch))
      ws.close(closeCodes.restart.code, closeCodes.restart.reason)
  }
}
