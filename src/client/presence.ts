/** Somebody in a room: however many connections they have there, they are one. */
export interface PresentUser {
  /** Unlike any other's in the room. */
  readonly key: string
  /** `null`: the server does not know who it is. */
  readonly id: string | null
  /** What the server tells of them. */
  readonly meta?: unknown
  readonly connections: number
}

/** Who is in a room, and what has changed since the last event of this room. */
export interface Presence {
  readonly room: string
  /** Everybody who is there now. */
  readonly users: readonly PresentUser[]
  readonly joined: readonly PresentUser[]
  /** Who was there before, with another `meta` or number of connections. */
  readonly updated: readonly PresentUser[]
  /** As they were known last. */
  readonly left: readonly PresentUser[]
}

/** A server has a connection in 128 of them, unless it is told otherwise. */
const maxRooms = 1_000

/** Who is in which room, as far as the server has told: what it told on a connection before holds until its next snapshot. */
export class PresenceState {
  /** What was heard of last is last. */
  readonly #rooms = new Map<string, ReadonlyMap<string, PresentUser>>()

  /** @returns what has changed: nothing by a diff without its snapshot, and by what is no such frame */
  take(frame: unknown): Presence | undefined {
    try {
      return this.#take(frame as PresenceFrame)
    } catch {
      // Somebody has the server pass on what it did not write.
      return undefined
    }
  }

  #take({type, room, users, joined: came = [], updated: changed = [], left: gone = []}: PresenceFrame) {
    const before = this.#rooms.get(room)
    if (type !== 'candy.presence' || !room || !(users ?? before)) return undefined
    const now = new Map(users ? [] : before)
    for (const key of gone) now.delete(key)
    for (const user of users ?? [...came, ...changed]) now.set(user.key, user)
    const joined: PresentUser[] = []
    const updated: PresentUser[] = []
    for (const user of now.values()) {
      const was = before?.get(user.key)
      if (!was) joined.push(user)
      else if (JSON.stringify(was) !== JSON.stringify(user)) updated.push(user)
    }
    const left = [...(before?.values() ?? [])].filter(({key}) => !now.has(key))
    this.#rooms.delete(room)
    this.#rooms.set(room, now)
    if (this.#rooms.size > maxRooms) this.#rooms.delete(this.#rooms.keys().next().value!)
    // The first that is known of a room is told even if nobody is there.
    if (before && joined.length + updated.length + left.length === 0) return undefined
    return {room, users: [...now.values()], joined, updated, left}
  }

  /** What tells all of it to somebody else, in the server's words. */
  get frames(): readonly string[] {
    return Array.from(this.#rooms, ([room, users]) =>
      JSON.stringify({type: 'candy.presence', room, users: [...users.values()]}),
    )
  }
}

/** As the server writes it. */
interface PresenceFrame {
  readonly type: string
  readonly room: string
  readonly users?: readonly PresentUser[]
  readonly joined?: readonly PresentUser[]
  readonly updated?: readonly PresentUser[]
  readonly left?: readonly string[]
}
