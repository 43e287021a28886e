/** Whom a message is for: everyone in any of the rooms, all connections of a user, or all connections. */
export type Target =
  | {readonly rooms: readonly string[]}
  /** The user's key. */
  | {readonly user: string}
  | {readonly everyone: true}
