import {closeCodes, statusOf} from '../codes.js'

/** What the gate decides about a handshake: data only, since the gate does not touch the socket. */
export type Verdict =
  | {readonly kind: 'accept'}
  | Refusal
  /** Sent as an HTTP status, whatever `refuse` says. */
  | {readonly kind: 'status'; readonly status: number; readonly reason?: string}

/** Sent as a close code after the handshake, or with `refuse: 'http'` as the HTTP status that stands for it. */
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

/** @param reason what the status alone does not say; for the log */
export function status(code: number, reason?: string): Verdict {
  return {kind: 'status', status: code, ...(reason !== undefined && {reason})}
}

const whyOfStatus: ReadonlyMap<number, string> = new Map([
  [400, 'parameters'],
  [403, 'origin'],
  [503, 'unavailable'],
])

/** Why a handshake was refused, in one word of a closed list: never a reason that a middleware made up. */
export function whyOf(verdict: Exclude<Verdict, {kind: 'accept'}>): string {
  if (verdict.kind === 'status') return whyOfStatus.get(verdict.status) ?? 'other'
  const known = Object.entries(closeCodes).find(
    ([, {code, reason}]) => code === verdict.code && reason === verdict.reason,
  )
  return known?.[0] ?? 'middleware'
}
