import {closeCodes, statusOf} from '../codes.js'
import type {LimitName} from '../limits.js'

/** Why a handshake is refused: a closed list, which logs and metrics name. */
export type Why =
  | LimitName
  | 'auth'
  | 'closing'
  | 'error'
  | 'malformed'
  | 'middleware'
  | 'origin'
  | 'parameter'
  | 'path'
  | 'token'

/** What the gate decides about a handshake: data only, since the gate does not touch the socket. */
export type Verdict = {readonly kind: 'accept'} | Refusal | StatusRefusal

/** Sent as a close code after the handshake, or with `refuse: 'http'` as the HTTP status that stands for it. */
export interface Refusal {
  readonly kind: 'close'
  readonly code: number
  readonly reason: string
  readonly status: number
  readonly why: Why
}

/** Sent as an HTTP status, whatever `refuse` says. */
export interface StatusRefusal {
  readonly kind: 'status'
  readonly status: number
  readonly why: Why
  /** What the status alone does not say; for the log. */
  readonly reason?: string
}

export const accepted: Verdict = {kind: 'accept'}

export function refuseWith(code: number, reason: string, why: Why): Refusal {
  return {kind: 'close', code, reason, status: statusOf(code), why}
}

const whys = {
  internal: 'error',
  unauthorized: 'auth',
  missingToken: 'token',
  invalidToken: 'token',
  forbidden: 'middleware',
  rejected: 'middleware',
  tooManyOfUser: 'maxPerUser',
} as const satisfies Partial<Record<keyof typeof closeCodes, Why>>

export function refusal(name: keyof typeof whys): Refusal {
  const {code, reason} = closeCodes[name]
  return refuseWith(code, reason, whys[name])
}

export function status(code: number, why: Why, reason?: string): StatusRefusal {
  return {kind: 'status', status: code, why, ...(reason !== undefined && {reason})}
}
