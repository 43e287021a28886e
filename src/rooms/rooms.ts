import {CandyError} from '../errors.js'
import {bound, type Limit} from '../limits.js'

const maxBytes = 128
// Control characters would let a room name forge a log line or, with a bus, a subject.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/

/** @throws CandyError `ROOM` unless it is a string of 1 to 128 bytes without control characters */
export function checkRoom(room: unknown): asserts room is string {
  const legal =
    typeof room === 'string' && room.length > 0 && Buffer.byteLength(room) <= maxBytes && !control.test(room)
  if (!legal)
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

  join(room: string, member: M): void {
    const members = this.#members.get(room)
    if (members) members.add(member)
    else this.#members.set(room, new Set([member]))
  }

  leave(room: string, member: M): void {
    const members = this.#members.get(room)
    if (!members) return
    members.delete(member)
    if (members.size === 0) this.#members.delete(room)
  }

  of(room: string): ReadonlySet<M> | undefined {
    return this.#members.get(room)
  }
}
