import {bound, type Limit} from '../limits.js'
import type {Journal} from '../telemetry/journal.js'
import type {ActiveRequests} from './active-requests.js'
import {Deadline} from './deadline.js'
import {sayGoodbye} from './goodbye.js'
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

export interface EndParts {
  readonly upgrades: Upgrades
  readonly activeRequests: ActiveRequests
  readonly journal: Journal
}

export interface DrainParts extends EndParts {
  /** Takes no connection any more. */
  readonly stopListening: () => void
}

/**
 * Ends every connection: no more handshakes, but the server still listens, so that whoever asks is told; then 1012 in stages,
 * so that clients do not come back all at once; then close handlers and answers under way are awaited, and what is left at
 * the deadline is cut.
 */
export function drain(parts: DrainParts, options: DrainOptions): Promise<void> {
  const {upgrades, activeRequests, stopListening} = parts
  const {time, spread, isReplaced} = options
  return endInTime(parts, options, async deadline => {
    upgrades.refuseAll()
    await sayGoodbye(upgrades, {
      spread: Math.min(bound(spread), bound(time) / 3),
      longest: isReplaced ? 0 : longestRetry(upgrades.connections.size),
      deadline,
    })
    await Promise.race([Promise.all([upgrades.connections.gone(), upgrades.gone()]), deadline.passed])
    stopListening()
    await Promise.race([activeRequests.idle(), deadline.passed])
  })
}

/** Takes the steps of an end, cuts what is left at the deadline, and logs both. */
export async function endInTime(
  {upgrades, activeRequests, journal}: EndParts,
  {time, level}: Pick<DrainOptions, 'time' | 'level'>,
  steps: (deadline: Deadline) => Promise<void>,
): Promise<void> {
  const begun = performance.now()
  const {size} = upgrades.connections
  journal.log[level]({event: 'drain.begin', connections: size, within: time}, 'closing: no more handshakes')
  const deadline = new Deadline(time)
  await steps(deadline)
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
