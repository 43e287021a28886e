import {setTimeout as delay} from 'node:timers/promises'
import {closeCodes, restartReason} from '../codes.js'
import type {Deadline} from './deadline.js'
import type {Upgrades} from './upgrade.js'

/** Milliseconds between batches of close frames, and the fewest in a batch. Together: 500 a second. */
const stepMs = 50
const fewest = 25

interface Goodbye {
  readonly spread: number
  /** Each client is told to come back within so many milliseconds. */
  readonly longest: number
  readonly deadline: Deadline
}

/** Closes every connection with 1012, in batches. */
export async function sayGoodbye(upgrades: Upgrades, {spread, longest, deadline}: Goodbye): Promise<void> {
  // A handler that calls `app.close()` runs on to its next `await` before its own connection is closed.
  await Promise.resolve()
  const clients = [...upgrades.connections.keys()]
  const begun = performance.now()
  const duration = Math.min(spread, (clients.length / fewest) * stepMs)
  let told = 0
  while (told < clients.length && !deadline.hasPassed) {
    if (told > 0) await delay(stepMs)
    // By the clock, and not by the step: a busy loop makes steps late, and the last ones must not be too late.
    const share = Math.min(1, (performance.now() - begun + stepMs) / duration)
    const due = Math.min(clients.length, Math.max(told + fewest, Math.ceil(share * clients.length)))
    for (const {ws} of clients.slice(told, due)) {
      const retry = Math.floor(Math.random() * (longest + 1))
      ws.close(closeCodes.restart.code, restartReason(retry))
    }
    told = due
  }
}
