/** A project without the types of a browser, or of Node, knows none. */
type BlobHere = typeof globalThis extends {Blob: {prototype: infer B}} ? B : never

/** What goes out: text, or bytes. */
export type Data = string | ArrayBuffer | ArrayBufferView | BlobHere

/** How a connection ended: a close code (RFC 6455, section 7.4) and its reason. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/**
 * `doubtful`: the server has not answered for a while; with its next frame the same connection is `open` again.
 * `reconnecting`: there is none, and there will be a new one. `closed`: there will be none.
 */
export type ChannelState = 'connecting' | 'open' | 'doubtful' | 'reconnecting' | 'closed'

/** What a page knows of the network: `doubt` that it is there, or hope, to `wake` who waits. */
export type Nudge = 'doubt' | 'wake'

export interface ChannelEvents {
  became(state: ChannelState, why?: Closing): void
  /** Only while it is open; also in doubt, to a tab that comes then. */
  frame(data: string | ArrayBuffer): void
  /** What keeps it from connecting, if that will not pass by itself. */
  failed(error: Error): void
}

/** A connection that comes back by itself: one of its own, or one that is shared. */
export interface Channel {
  /** Begins, or begins again after it was suspended. */
  open(): void
  /** Only while it is open. */
  send(data: Data): void
  /** Ends it. Nothing is told after. */
  close(code: number, reason: string): void
  nudge(nudge: Nudge): void
  /** The page may be kept, and frozen: it must hold nothing (the back-forward cache). */
  suspend(): void
}
