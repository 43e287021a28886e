import {createHash} from 'node:crypto'
import {textFrame, type Frame} from './frame.js'

/** One connection in a room. */
export interface Present {
  /** The node that it is on. */
  readonly node: string
  /** The user's key; `null`: nobody is known. */
  readonly user: string | null
  readonly meta?: unknown
}

/** One user in a room, on however many connections; somebody who is not known stands for one connection. */
export interface PresentUser {
  /** Unique in the room. */
  readonly key: string
  /** The user's `id`, as text; `null` for somebody who is not known. */
  readonly id: string | null
  /** What the connection that came last said of itself in `join(room, {meta})`. */
  readonly meta?: unknown
  readonly connections: number
}

/** Somebody who is told who is there. */
export interface Onlooker {
  /** Bytes: a longer frame could never reach it. */
  readonly maxBuffered: number
  deliver(frame: Frame): void
}

/** Milliseconds in which what changes is told together. */
const pace = 50

/** Who is in one room on all nodes, for those who want to be told: a snapshot, then what changes. */
export class PresenceView {
  readonly #room: string
  /** Milliseconds that a user may be gone without being told to have left: a page that is loaded anew comes back. */
  readonly #grace: number
  readonly #users = new Map<string, Map<string, Present>>()
  readonly #keys = new Map<string, string>()
  readonly #touched = new Set<string>()
  /** What was told of each user, as JSON. */
  readonly #shown = new Map<string, string>()
  /** When who has gone counts as gone, on the clock of `performance`. */
  readonly #leaving = new Map<string, number>()
  readonly #onlookers = new Set<Onlooker>()
  readonly #waiting = new Set<Onlooker>()
  #isReady = false
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY

  constructor(room: string, grace: number) {
    this.#room = room
    this.#grace = grace
  }

  get hasOnlookers(): boolean {
    return this.#onlookers.size > 0
  }

  /** A snapshot comes as soon as there is one, and then what changes. */
  add(onlooker: Onlooker): void {
    if (this.#onlookers.has(onlooker)) return
    this.#onlookers.add(onlooker)
    this.#waiting.add(onlooker)
    if (this.#isReady) this.#wake(0)
  }

  remove(onlooker: Onlooker): void {
    this.#onlookers.delete(onlooker)
    this.#waiting.delete(onlooker)
  }

  /** Everybody who was there before is known. */
  ready(): void {
    this.#isReady = true
    this.#wake(0)
  }

  /** A connection is there, or is so otherwise than before. */
  put(id: string, present: Present): void {
    const key = keyOf(id, present)
    if (this.#keys.get(id) !== key) this.drop(id)
    this.#keys.set(id, key)
    const theirs = this.#users.get(key)
    if (theirs) theirs.set(id, present)
    else this.#users.set(key, new Map([[id, present]]))
    this.#touch(key)
  }

  drop(id: string): void {
    const key = this.#keys.get(id)
    if (key === undefined) return
    this.#keys.delete(id)
    const theirs = this.#users.get(key)!
    theirs.delete(id)
    if (theirs.size === 0) this.#users.delete(key)
    this.#touch(key)
  }

  /** The connections that are on other nodes. */
  elsewhere(here: string): string[] {
    const ids: string[] = []
    for (const theirs of this.#users.values())
      for (const [id, {node}] of theirs) if (node !== here) ids.push(id)
    return ids
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#onlookers.clear()
  }

  #touch(key: string): void {
    this.#touched.add(key)
    if (this.#isReady) this.#wake(pace)
  }

  /** The earliest time counts. @param ms from now */
  #wake(ms: number): void {
    const due = performance.now() + ms
    if (due >= this.#due) return
    this.#due = due
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tell(), ms).unref()
  }

  #tell(): void {
    this.#due = Number.POSITIVE_INFINITY
    const diff = this.#difference()
    const snapshot =
      this.#waiting.size > 0 ? this.#frame(`"users":[${[...this.#shown.values()].join(',')}]`) : undefined
    for (const onlooker of this.#onlookers) {
      const news = this.#waiting.has(onlooker) ? snapshot : diff
      // A crowd that does not fit is not told; `presence()` still says who is there.
      if (news && news.size <= onlooker.maxBuffered) onlooker.deliver(news)
    }
    this.#waiting.clear()
    if (this.#leaving.size > 0)
      this.#wake(Math.max(0, Math.min(...this.#leaving.values()) - performance.now()))
  }

  /** What has changed since it was told last. */
  #difference(): Frame | undefined {
    const [joined, updated]: string[][] = [[], []]
    for (const key of this.#touched) {
      const theirs = this.#users.get(key)
      if (!theirs) {
        if (this.#shown.has(key) && !this.#leaving.has(key))
          this.#leaving.set(key, performance.now() + this.#grace)
        continue
      }
      this.#leaving.delete(key)
      const before = this.#shown.get(key)
      const now = JSON.stringify(userOf(key, theirs))
      if (now === before) continue
      this.#shown.set(key, now)
      ;(before === undefined ? joined! : updated!).push(now)
    }
    this.#touched.clear()
    const left = [...this.#leaving].flatMap(([key, due]) => (due <= performance.now() ? key : []))
    for (const key of left) {
      this.#leaving.delete(key)
      this.#shown.delete(key)
    }
    const parts = [
      ...list('joined', joined!),
      ...list('updated', updated!),
      ...list(
        'left',
        left.map(key => JSON.stringify(key)),
      ),
    ]
    return parts.length > 0 ? this.#frame(parts.join(',')) : undefined
  }

  #frame(rest: string): Frame {
    return textFrame(`{"type":"candy.presence","room":${JSON.stringify(this.#room)},${rest}}`)
  }
}

function list(name: string, items: readonly string[]): string[] {
  return items.length > 0 ? [`"${name}":[${items.join(',')}]`] : []
}

/** Connections put together by whose they are. */
export function usersOf(connections: Iterable<readonly [id: string, present: Present]>): PresentUser[] {
  const byKey = new Map<string, Map<string, Present>>()
  for (const [id, present] of connections) {
    const key = keyOf(id, present)
    const theirs = byKey.get(key)
    if (theirs) theirs.set(id, present)
    else byKey.set(key, new Map([[id, present]]))
  }
  return [...byKey].map(([key, theirs]) => userOf(key, theirs))
}

/** An id of a connection is not for others to know. */
function keyOf(id: string, {user}: Present): string {
  if (user !== null) return `user ${user}`
  return `guest ${createHash('sha256').update(id).digest('base64url').slice(0, 16)}`
}

function userOf(key: string, theirs: ReadonlyMap<string, Present>): PresentUser {
  const all = [...theirs.values()]
  const meta = all.findLast(present => present.meta !== undefined)?.meta
  return {key, id: all[0]!.user, ...(meta !== undefined && {meta}), connections: all.length}
}
