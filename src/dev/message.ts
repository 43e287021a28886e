/** Milliseconds that a version's clients and handlers have to end when it is replaced: somebody waits for the new one. */
export const drainMs = 1_000

/** What the supervisor tells a child. */
export type Order =
  | {readonly candy: 'boot'}
  /** An app without routes, so that the page can show the fault. */
  | {readonly candy: 'standIn'; readonly fault: string}
  | {readonly candy: 'fault'; readonly fault: string}
  /** Comes with the socket of a client. */
  | {readonly candy: 'socket'}
  | {readonly candy: 'close'}

/** What a child tells the supervisor. */
export type Report =
  | {readonly candy: 'booted'; readonly remarks: readonly string[]}
  | {readonly candy: 'failed'; readonly fault: string}

/** `undefined` for what an app's own code sends: the channel is open to it. */
export function reportOf(message: unknown): Report | undefined {
  const {candy} = (message ?? {}) as {candy?: unknown}
  return candy === 'booted' || candy === 'failed' ? (message as Report) : undefined
}
