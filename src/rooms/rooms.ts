import {CandyError} from '../errors.js'
import {bound, type Limit} from '../limits.js'

const maxBytes = 128
// Control characters would let a room name forge a log line or, with a bus, a subject.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/
const loneSurrogate = /\p{Surrogate}/u

/** Half a surrogate pair has no bytes of its own: two such names would be one on a bus. */
export function isRoom(room: unknown): room is string {
  return (
    typeof room === 'string' &&
    room.length > 0 &&
    Buffer.byteLength(room) <= maxBytes &&
    !control.test(room) &&
    !loneSurrogate.test(room)
  )
}

/** @throws CandyError `ROOM` unless it is a string of 1 to 128 bytes without control characters */
export function checkRoom(room: unknown): asserts room is string {
  if (!isRoom(room))
    throw new CandyError(
      'ROOM',
      `A room name is a string of 1 to ${maxBytes} bytes without control characters`,
    )
}

/** Whether more rooms may be joined by whoever is in some. */
export function fits(joined: readonly string[], more: readonly string[], limit: Limit): boolean {
  const most = bound(limit)
  return joined.length + more.length <= most || new Set([...joined, ...more]).size <= most
}

export function tooManyRooms(maxRooms: Limit): CandyError {
  return new CandyError('ROOM', `A connection is in at most ${maxRooms} rooms`)
}

/** Who is in which room. A room is there as long as somebody is in it. */
export class Rooms<M> {
  readonly #members = new Map<string, Set<M>>()

  get size(): number {
    return this.#members.size
  }

  /** @returns whether it is the first there */
  join(room: string, member: M): boolean {
    const members = this.#members.get(room)
    if (members) members.add(member)
    else this.#members.set(room, new Set([member]))
    return !members
  }

  /** @returns whether it was the last there; `undefined` if it was not there */
  leave(room: string, member: M): boolean | undefined {
    const members = this.#members.get(room)
    if (!members?.delete(member)) return undefined
    if (members.size > 0) return false
    return this.#members.delete(room)
  }

  /** The rooms with somebody in them. */
  names(): IterableIterator<string> {
    return this.#members.keys()
  }

  of(room: string): ReadonlySet<M> | undefined {
    return this.#members.get(room)
  }
}
