import {performance} from 'node:perf_hooks'
import {closeCodes} from '../codes.js'
import type {Live} from './live.js'

const minute = 60_000

/** When messages of a connection were refused within the last minute. Most connections have none, and cost nothing here. */
const times = new WeakMap<Live, readonly number[]>()

/** A message was refused for what it is, and answered. One too many within a minute ends its connection. */
export function violated(live: Live): void {
  const {maxViolations} = live.limits
  if (maxViolations === 'off' || live.closedHere) return
  const now = performance.now()
  const recent = [...(times.get(live) ?? []).filter(time => now - time < minute), now]
  times.set(live, recent)
  if (recent.length <= maxViolations) return
  live.exceeded('maxViolations')
  const {code, reason} = closeCodes.violations
  // Behind the answers; and of what the client goes on sending nothing is read.
  live.close(code, reason)
  live.cut(code, reason)
}
