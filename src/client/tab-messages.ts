import type {ChannelState, Closing, Data, Nudge} from './channel.js'
import type {RetryOptions} from './retries.js'

/** What tabs that share a connection may not differ in. It changes with what is said below. */
export const version = 'candy.v1'

/** What a tab says when it comes. */
export interface Join extends RetryOptions {
  readonly is: 'join'
  readonly tab: string
  /** Who shares: version, address, identity. */
  readonly key: string
  readonly url: string
  /** Whether it holds a lock that tells when it is gone. */
  readonly locked: boolean
}

export type ToHub =
  | Join
  | {readonly is: 'send'; readonly data: Data}
  | {readonly is: 'nudge'; readonly nudge: Nudge}
  /** What to shake hands with, or why there is nothing. */
  | {readonly is: 'offer'; readonly protocols: readonly string[]}
  | {
      readonly is: 'no offer'
      readonly why: string
      /** Whether the server is, so that nobody else would have one. */
      readonly isAway: boolean
    }
  | {readonly is: 'alive'}
  | {readonly is: 'leave'; readonly code: number; readonly reason: string}

export type ToTab =
  | {
      readonly is: 'welcome'
      /** Whether it has been here all the time, and so missed nothing. */
      readonly known: boolean
      readonly state: ChannelState
      readonly why: Closing | undefined
      /** Free once the hub is gone; without one, a `beat` says that it is not. */
      readonly lock: string | undefined
    }
  | {readonly is: 'became'; readonly state: ChannelState; readonly why: Closing | undefined}
  | {readonly is: 'frame'; readonly data: string | ArrayBuffer}
  /** For something to shake hands with. */
  | {readonly is: 'ask'}
  | {readonly is: 'beat'}

/** The lock that a tab holds as long as it is there. */
export function lockOf(tab: string): string {
  return `${version} tab ${tab}`
}

/** Milliseconds between two beats. */
export const pace = 400
