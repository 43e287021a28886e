import {checkRoom} from '../rooms/rooms.js'

/** How a connection is in a room. */
export interface JoinOptions {
  /** What others see of it in `Candy.presence()`: any JSON, at most 1 KiB of it. */
  readonly meta?: unknown
  /** Whether it is told who is there, and who comes and goes: `candy.presence` frames, where `candy.v1` is spoken. */
  readonly presence?: boolean
}

/** Bytes of JSON. It is kept by every node that asks who is there. */
const longestMeta = 1_024

/** Takes the arguments of `join()` apart. @throws CandyError `ROOM`; TypeError and RangeError for a wrong `meta` */
export function joinedAs(args: readonly unknown[]): {names: string[]; options: JoinOptions | undefined} {
  const last = args.at(-1)
  const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last)
  const names = hasOptions ? args.slice(0, -1) : [...args]
  names.forEach(checkRoom)
  return {names: names as string[], options: hasOptions ? checked(last) : undefined}
}

function checked({meta, presence}: JoinOptions): JoinOptions {
  if (meta === undefined) return {presence: presence === true}
  const json = JSON.stringify(meta) as string | undefined
  if (json === undefined) throw new TypeError('The meta of a room is sent as JSON, and this has no JSON form')
  if (Buffer.byteLength(json) > longestMeta)
    throw new RangeError(`The meta of a room takes at most ${longestMeta} bytes of JSON: keep an id in it`)
  // As others will see it, and whatever becomes of the object.
  return {meta: JSON.parse(json) as unknown, presence: presence === true}
}

/** The rooms of one connection. */
export class Memberships {
  /** Each once. A list: a set for one room would take 200 bytes of each connection. */
  #names: string[] | undefined
  #options: Map<string, JoinOptions> | undefined

  get names(): readonly string[] {
    return this.#names ?? []
  }

  has(room: string): boolean {
    return this.#names?.includes(room) === true
  }

  optionsOf(room: string): JoinOptions | undefined {
    return this.#options?.get(room)
  }

  /** @returns whether anything has changed */
  add(room: string, options: JoinOptions | undefined): boolean {
    const isNew = !this.has(room)
    if (options) (this.#options ??= new Map()).set(room, options)
    if (!isNew) return options !== undefined
    if (this.#names) this.#names.push(room)
    else this.#names = [room]
    return true
  }

  remove(room: string): void {
    this.#names = this.#names?.filter(name => name !== room)
    this.#options?.delete(room)
  }

  takeAll(): readonly string[] {
    const names = this.names
    this.#names = undefined
    this.#options = undefined
    return names
  }
}
