import {setTimeout as delay} from 'node:timers/promises'
import {closeCodes} from '../codes.js'
import {bound, type Limit} from '../limits.js'
import type {Journal} from '../telemetry/journal.js'
import type {ActiveRequests} from './active-requests.js'
import type {Upgrades} from './upgrade.js'

export interface DrainOptions {
  /** Milliseconds until what is left is cut. */
  readonly time: Limit
  /** Milliseconds over which the clients are told, at most a third of the time. */
  readonly spread: Limit
  /** Whether what takes its place serves already: the clients may come back at once. */
  readonly isReplaced: boolean
  /** At which its beginning and its end are logged. */
  readonly level: 'info' | 'debug'
}

export interface DrainParts {
  readonly upgrades: Upgrades
  readonly activeRequests: ActiveRequests
  readonly journal: Journal
  /** Takes no connection any more. */
  readonly stopListening: () => void
}

/** Milliseconds between batches of close frames, and the fewest in a batch. Together: 500 a second. */
const stepMs = 50
const fewest = 25

/**
 * Ends every connection: no more handshakes, but the server still listens, so that whoever asks is told; then 1012 in stages,
 * so that clients do not come back all at once; then close handlers and answers under way are awaited, and what is left at
 * the deadline is cut.
 */
export async function drain(
  parts: DrainParts,
  {time, spread, isReplaced, level}: DrainOptions,
): Promise<void> {
  const {upgrades, activeRequests, journal, stopListening} = parts
  const begun = performance.now()
  const {size} = upgrades.connections
  journal.log[level]({event: 'drain.begin', connections: size, within: time}, 'closing: no more handshakes')
  upgrades.refuseAll()
  const deadline = new Deadline(time)
  await sayGoodbye(upgrades, {
    spread: Math.min(bound(spread), bound(time) / 3),
    longest: isReplaced ? 0 : longestRetry(size),
    deadline,
  })
  await Promise.race([Promise.all([upgrades.connections.gone(), upgrades.gone()]), deadline.passed])
  stopListening()
  await Promise.race([activeRequests.idle(), deadline.passed])
  deadline.end()
  const left = {
    connections: upgrades.connections.size,
    sockets: upgrades.socketCount,
    requests: activeRequests.count,
  }
  if (left.connections + left.sockets + left.requests > 0) journal.exceeded('drainTimeout', left)
  upgrades.cut()
  const seconds = (performance.now() - begun) / 1_000
  journal.log[level]({event: 'drain.end', seconds, ...left}, 'closed')
}

/** Milliseconds within which clients may come back, at 100 a second: 1 to 10 seconds. */
function longestRetry(connections: number): number {
  return Math.min(Math.max(1_000, 10 * connections), 10_000)
}

interface Goodbye {
  readonly spread: number
  /** Each client is told to come back within so many milliseconds. */
  readonly longest: number
  readonly deadline: Deadline
}

async function sayGoodbye(upgrades: Upgrades, {spread, longest, deadline}: Goodbye): Promise<void> {
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
      ws.close(closeCodes.restart.code, closeCodes.restart.reason.replace('<ms>', String(retry)))
    }
    told = due
  }
}

class Deadline {
  readonly passed: Promise<void>
  #hasPassed = false
  #timer: NodeJS.Timeout | undefined

  constructor(time: Limit) {
    this.passed = new Promise(resolve => {
      if (time === 'off') return
      this.#timer = setTimeout(() => {
        this.#hasPassed = true
        resolve()
      }, time)
    })
  }

  get hasPassed(): boolean {
    return this.#hasPassed
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
