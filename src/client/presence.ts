import {isObject} from './message.js'

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

type Users = ReadonlyMap<string, PresentUser>

/** A server has a connection in 128 of them, unless it is told otherwise; which were left, it does not say. */
const maxRooms = 1_000

/** Who is in which room, as far as the server has told: what it told on a connection before holds until its next snapshot. */
export class PresenceState {
  /** What was heard of last is last. */
  readonly #rooms = new Map<string, Users>()

  /** @returns what has changed: nothing by a diff without its snapshot, and by what is no such frame */
  take(frame: unknown): Presence | undefined {
    if (!isObject(frame) || frame.type !== 'candy.presence') return undefined
    const {room, users, joined = [], updated = [], left = []} = frame
    if (!isString(room) || !isListOf(left, isString)) return undefined
    const before = this.#rooms.get(room)
    const here = users ?? (before && [joined, updated].flat())
    if (!isListOf(here, isUser)) return undefined
    const now = new Map(users ? [] : before)
    for (const key of left) now.delete(key)
    for (const user of here) now.set(user.key, user)
    this.#rooms.delete(room)
    this.#rooms.set(room, now)
    if (this.#rooms.size > maxRooms) this.#rooms.delete(this.#rooms.keys().next().value!)
    return changeOf(room, before, now)
  }

  /** What tells all of it to somebody else, in the server's words. */
  get frames(): readonly string[] {
    return Array.from(this.#rooms, ([room, users]) =>
      JSON.stringify({type: 'candy.presence', room, users: [...users.values()]}),
    )
  }
}

/** @param before unless it is the first that is known of this room, which is told even if nobody is there */
function changeOf(room: string, before: Users | undefined, now: Users): Presence | undefined {
  const users = [...now.values()]
  const joined = users.filter(({key}) => !before?.has(key))
  const updated = users.filter(user => differs(user, before?.get(user.key)))
  const left = [...(before?.values() ?? [])].filter(({key}) => !now.has(key))
  if (before && joined.length + updated.length + left.length === 0) return undefined
  return {room, users, joined, updated, left}
}

function differs(user: PresentUser, before = user): boolean {
  return user !== before && JSON.stringify(user) !== JSON.stringify(before)
}

export function isListOf<T>(list: unknown, is: (one: unknown) => one is T): list is readonly T[] {
  return Array.isArray(list) && list.every(is)
}

export function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isUser(value: unknown): value is PresentUser {
  return (
    isObject(value) &&
    isString(value.key) &&
    (value.id === null || isString(value.id)) &&
    typeof value.connections === 'number'
  )
}
