import {describeError, type Logger} from '../log.js'
import type {BusLink, Lease} from './bus.js'
import {channelOfRoom} from './channels.js'
import type {Attendance, Hub, Member} from './hub.js'
import {PresenceView, usersOf, type Present, type PresentUser} from './presence-view.js'

/** Who is in a room, on all nodes. */
export interface RoomPresence {
  readonly users: readonly PresentUser[]
  /** Of all users together. */
  readonly connections: number
}

/** What presence knows of a connection. */
export interface PresentMember extends Member {
  /** The user's key; `undefined`: nobody is known. */
  readonly userKey: string | undefined
  /** Whether it is told what begins with `candy.`. */
  readonly hearsCandy: boolean
  optionsIn(room: string): {readonly meta?: unknown; readonly presence?: boolean} | undefined
}

export interface PresenceParts<M extends PresentMember> {
  readonly hub: Hub<M>
  /** The id of this node. */
  readonly node: string
  /** Milliseconds. */
  readonly grace: number
  readonly log: Logger
}

/** A room with onlookers. */
interface Watched {
  readonly view: PresenceView
  /** What has changed since each question that is not answered yet. */
  readonly listings: Set<Lease[]>
}

/** Milliseconds that somebody may be gone without others being told. */
export const defaultGrace = 5_000

/** Milliseconds in which those who come and go are told to the bus together. */
const pace = 10

/** Who is in which room: those who are here by the hub, those elsewhere by the leases of their nodes. */
export class Presence<M extends PresentMember> implements Attendance<M> {
  readonly #parts: PresenceParts<M>
  #link: BusLink | undefined
  /** By group; only of rooms with onlookers. */
  readonly #views = new Map<string, Watched>()
  #changes = new Map<string, Lease>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: PresenceParts<M>) {
    this.#parts = parts
  }

  /** From now on there are other nodes. */
  connect(link: BusLink): void {
    this.#link = link
  }

  /** @param room a legal name */
  async of(room: string): Promise<RoomPresence> {
    const {hub, node} = this.#parts
    const leases = (await this.#link?.leases(channelOfRoom(room)).catch(() => [])) ?? []
    const here = [...hub.membersOf(room)].map(member => [member.id, this.#present(member, room)] as const)
    const all = [...leases.flatMap(lease => elsewhere(lease, node)), ...here]
    return {users: usersOf(all), connections: all.length}
  }

  /** Somebody has come, or is in a room otherwise than before. */
  joined(member: M, room: string): void {
    const wants = member.optionsIn(room)?.presence
    if (!this.#link && this.#views.size === 0 && wants !== true) return
    const group = channelOfRoom(room)
    const present = this.#present(member, room)
    this.#views.get(group)?.view.put(member.id, present)
    if (wants === true && member.hearsCandy) this.#watch(group, room).add(member)
    if (wants === false) this.#unwatch(group, member)
    this.#tell({group, id: member.id, value: valueOf(present)})
  }

  left(member: M, room: string): void {
    if (!this.#link && this.#views.size === 0) return
    const group = channelOfRoom(room)
    this.#views.get(group)?.view.drop(member.id)
    this.#unwatch(group, member)
    this.#tell({group, id: member.id, value: undefined})
  }

  /** Everybody who is here. */
  *held(): Generator<Lease> {
    const {hub} = this.#parts
    for (const room of hub.rooms()) {
      const group = channelOfRoom(room)
      for (const member of hub.membersOf(room))
        yield {group, id: member.id, value: valueOf(this.#present(member, room))}
    }
  }

  /** What the bus says of others. */
  changed(group: string, changes: readonly Lease[] | undefined): void {
    const watched = this.#views.get(group)
    if (!watched) return
    if (!changes) return void this.#list(group)
    for (const listing of watched.listings) listing.push(...changes)
    this.#apply(watched.view, changes)
  }

  /** The bus is back. */
  up(): void {
    for (const group of this.#views.keys()) void this.#list(group)
  }

  end(): void {
    clearTimeout(this.#timer)
    for (const {view} of this.#views.values()) view.end()
    this.#views.clear()
  }

  #present(member: M, room: string): Present {
    return {node: this.#parts.node, user: member.userKey ?? null, meta: member.optionsIn(room)?.meta}
  }

  #watch(group: string, room: string): PresenceView {
    const known = this.#views.get(group)
    if (known) return known.view
    const {hub, grace} = this.#parts
    const view = new PresenceView(room, grace)
    for (const member of hub.membersOf(room)) view.put(member.id, this.#present(member, room))
    this.#views.set(group, {view, listings: new Set()})
    if (this.#link)
      void this.#link
        .watch(group)
        .catch(ignore)
        .then(() => this.#list(group))
    else view.ready()
    return view
  }

  #unwatch(group: string, member: M): void {
    const watched = this.#views.get(group)
    if (!watched) return
    watched.view.remove(member)
    if (watched.view.hasOnlookers) return
    watched.view.end()
    this.#views.delete(group)
    this.#link?.unwatch(group).catch(ignore)
  }

  /** Asks who is elsewhere. What changes meanwhile is newer than the answer. */
  async #list(group: string): Promise<void> {
    const watched = this.#views.get(group)
    if (!watched) return
    const listing: Lease[] = []
    watched.listings.add(listing)
    // While the bus is down, those who were known stay.
    const leases = await this.#link!.leases(group).catch(() => undefined)
    watched.listings.delete(listing)
    if (leases) {
      const there = new Set(leases.map(({id}) => id))
      for (const id of watched.view.elsewhere(this.#parts.node)) if (!there.has(id)) watched.view.drop(id)
      this.#apply(watched.view, [...leases, ...listing])
    }
    watched.view.ready()
  }

  #apply(view: PresenceView, changes: readonly Lease[]): void {
    const {hub, node} = this.#parts
    for (const lease of changes) {
      const [present] = elsewhere(lease, node)
      if (present) view.put(...present)
      else if (lease.value === undefined && !hub.members.has(lease.id)) view.drop(lease.id)
    }
  }

  #tell(change: Lease): void {
    if (!this.#link) return
    this.#changes.set(`${change.group} ${change.id}`, change)
    this.#timer ??= setTimeout(() => void this.#hold(), pace).unref()
  }

  async #hold(): Promise<void> {
    const changes = [...this.#changes.values()]
    this.#changes = new Map()
    this.#timer = undefined
    try {
      await this.#link!.hold(changes)
    } catch (error) {
      // Told already if the bus is down; when it is up again, it asks for everything that is held.
      this.#parts.log.debug({event: 'bus.hold', ...describeError(error)}, 'the bus was not told who is there')
    }
  }
}

function ignore(): void {
  // A subscription is made up for when the bus is back.
}

function valueOf({node, user, meta}: Present): string {
  return JSON.stringify({node, user, meta})
}

/** Who a lease is about, if not somebody of this node, and if it is one of ours at all. */
function elsewhere({id, value}: Lease, here: string): [id: string, present: Present][] {
  try {
    const {node, user, meta} = JSON.parse(value ?? 'null') as Present
    const isSound = typeof node === 'string' && (user === null || typeof user === 'string')
    return isSound && node !== here ? [[id, {node, user, meta}]] : []
  } catch {
    return []
  }
}
