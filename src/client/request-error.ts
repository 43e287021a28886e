/**
 * Why a request has no answer: the code of the server's error frame, such as `VALIDATION`; or `TIMEOUT`, when none came in
 * time, `CLOSED`, when the connection ended before; `FULL`, when too many messages wait for it to open.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  constructor(
    readonly code: string,
    message: string,
    /** As the server says it; of `VALIDATION`: `[{path, rule, message}]`. */
    readonly details?: unknown,
  ) {
    super(message)
  }
}
