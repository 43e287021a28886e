/**
 * Numbers with a policy: every code Candy puts on the wire, and what a client should do about it.
 *
 * 1000-2999 belong to RFC 6455 (section 7.4), 3000-3999 to registered libraries, 4000-4999 to applications.
 * Candy speaks 4000-4003; the rest of 4xxx is yours. `final`: connecting again would end the same way.
 * `retry`: connecting again, with back-off, may succeed.
 */
export interface CloseCode {
  readonly code: number
  readonly reason: string
  readonly policy: 'final' | 'retry'
  /** Completes the sentence "issued when ...". */
  readonly when: string
  /** The HTTP status that stands for it under `refuse: 'http'`. */
  readonly status: number
}

export const closeCodes = {
  normal: {code: 1000, reason: '', policy: 'final', when: 'a handler calls `Candy.ws.close()`', status: 403},
  protocol: {code: 1002, reason: '', policy: 'final', when: 'a frame breaks RFC 6455', status: 403},
  notUtf8: {code: 1007, reason: '', policy: 'final', when: 'a text frame is not UTF-8', status: 403},
  fragments: {
    code: 1008,
    reason: '',
    policy: 'final',
    when: 'a message has more fragments than `limits.maxFragments`, or pieces than `limits.maxBufferedChunks`',
    status: 403,
  },
  incomplete: {
    code: 1008,
    reason: 'Message incomplete',
    policy: 'final',
    when: 'a message takes longer to arrive than `limits.messageTimeout`',
    status: 403,
  },
  tooFast: {
    code: 1008,
    reason: 'Too many messages',
    policy: 'final',
    when: 'a client sends more than `limits.messageRate` or `limits.byteRate`',
    status: 403,
  },
  violations: {
    code: 1008,
    reason: 'Too many invalid messages',
    policy: 'final',
    when: 'more than `limits.maxViolations` of its messages are refused within a minute',
    status: 403,
  },
  tooManyOfUser: {
    code: 1008,
    reason: 'Too many connections of one user',
    policy: 'final',
    when: 'a user has `limits.maxPerUser` connections',
    status: 403,
  },
  tooLarge: {
    code: 1009,
    reason: '',
    policy: 'final',
    when: 'a message is larger than `limits.maxPayload`',
    status: 403,
  },
  internal: {
    code: 1011,
    reason: 'Internal error',
    policy: 'retry',
    when: 'the auth function, a middleware, a constructor or the connect handler throws',
    status: 500,
  },
  restart: {
    code: 1012,
    reason: 'retry=<ms>',
    policy: 'retry',
    when: 'the app closes; a client comes back after so many milliseconds',
    status: 403,
  },
  tooMany: {
    code: 1013,
    reason: 'Too many connections',
    policy: 'retry',
    when: '`rate-limit` is exceeded at the handshake',
    status: 503,
  },
  tooSlow: {
    code: 1013,
    reason: 'Reading too slowly',
    policy: 'retry',
    when: 'more than `limits.maxBuffered` waits for a client that reads too slowly',
    status: 503,
  },
  stuck: {
    code: 1013,
    reason: 'Handlers are stuck',
    policy: 'retry',
    when: 'reading is paused, and no message has had its turn for `limits.pauseDeadline`',
    status: 503,
  },
  recycled: {
    code: 1012,
    reason: 'Connection recycled',
    policy: 'retry',
    when: 'a connection has lasted for `limits.maxLifetime`',
    status: 403,
  },
  rejected: {
    code: 4000,
    reason: 'Middleware rejected',
    policy: 'final',
    when: 'a middleware returns anything but `true`, `undefined` or `false`',
    status: 400,
  },
  unauthorized: {
    code: 4001,
    reason: 'Unauthorized',
    policy: 'final',
    when: 'the route asks for a user and there is none, or the session or user has ended: logged out, revoked, expired',
    status: 401,
  },
  missingToken: {
    code: 4002,
    reason: 'Missing token',
    policy: 'retry',
    when: 'the route asks for a token and none is offered; retry once, with a fresh token',
    status: 403,
  },
  invalidToken: {
    code: 4002,
    reason: 'Invalid token',
    policy: 'retry',
    when: 'the token is expired, malformed, of another session, or two differ; retry once, with a fresh token',
    status: 403,
  },
  forbidden: {
    code: 4003,
    reason: 'Forbidden',
    policy: 'final',
    when: 'a middleware returns `false`',
    status: 403,
  },
} as const satisfies Record<string, CloseCode>

/** The HTTP status for a close code under `refuse: 'http'`; a code of your own is 403. */
export function statusOf(code: number): number {
  for (const known of Object.values(closeCodes)) if (known.code === code) return known.status
  return 403
}

/** Codes of error frames: what went wrong with one message. The connection stays open after any of them, up to `limits.maxViolations`. */
export const errorCodes = {
  BAD_JSON: 'the text is not JSON, and the route handles only typed messages',
  UNKNOWN_TYPE: 'no handler takes a message of this `type`',
  VALIDATION:
    'the class of the message refuses it, or its form: `details` name path, rule and message of up to 5 faults',
  UNAUTHORIZED: '`@Auth()` on the handler, and there is no user',
  FORBIDDEN: 'a `@Use()` middleware on the handler said no',
  RATE_LIMIT: '`rate-limit` on the handler is exceeded',
  TIMEOUT: 'the handler took longer than `limits.handlerTimeout`; it may still have done its work',
  ROOM: 'the room name is not a string of 1 to 128 bytes without control characters, or the connection is in `limits.maxRooms` already',
  INTERNAL: 'the handler threw; the error is in the server log, nothing of it is in the frame',
} as const

export type ErrorCode = keyof typeof errorCodes

/** Whether it is one of Candy's own. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** @param retry milliseconds after which a client may come back */
export function restartReason(retry: number): string {
  return closeCodes.restart.reason.replace('<ms>', String(retry))
}
