import {closeCodes, statusOf} from '../codes.js'

/** What the gate says of a handshake. It has no socket in its hands. */
export type Verdict =
  | {readonly kind: 'accept'}
  | Refusal
  /** Told by an HTTP status in either mode. */
  | {readonly kind: 'status'; readonly status: number; readonly reason?: string}

/** Told by a close code after the handshake, or under `refuse: 'http'` by the status that stands for it. */
export interface Refusal {
  readonly kind: 'close'
  readonly code: number
  readonly reason: string
  readonly status: number
}

export const accepted: Verdict = {kind: 'accept'}

export function refuseWith(code: number, reason: string): Refusal {
  return {kind: 'close', code, reason, status: statusOf(code)}
}

export function refusal(name: keyof typeof closeCodes): Refusal {
  return refuseWith(closeCodes[name].code, closeCodes[name].reason)
}

/** @param reason what the status leaves open; for the log */
export function status(code: number, reason?: string): Verdict {
  return {kind: 'status', status: code, ...(reason !== undefined && {reason})}
}
