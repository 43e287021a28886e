import type {Lease} from './bus.js'

/** What one node holds, by group. */
export class HeldLeases {
  readonly #groups = new Map<string, Map<string, string>>()

  constructor(leases: Iterable<Lease> = []) {
    this.take(leases)
  }

  take(changes: Iterable<Lease>): void {
    for (const {group, id, value} of changes) {
      if (value === undefined) this.#drop(group, id)
      else this.#set(group, id, value)
    }
  }

  *[Symbol.iterator](): Generator<Lease> {
    for (const group of this.#groups.keys()) yield* this.in(group)
  }

  *in(group: string): Generator<Lease> {
    for (const [id, value] of this.#groups.get(group) ?? []) yield {group, id, value}
  }

  has({group, id, value}: Lease): boolean {
    return value !== undefined && this.#groups.get(group)?.get(id) === value
  }

  /** What has to be taken to hold what `other` holds. */
  *changesTo(other: HeldLeases): Generator<Lease> {
    for (const {group, id} of this)
      if (!other.#groups.get(group)?.has(id)) yield {group, id, value: undefined}
    for (const lease of other) if (!this.has(lease)) yield lease
  }

  #set(group: string, id: string, value: string): void {
    const leases = this.#groups.get(group)
    if (leases) leases.set(id, value)
    else this.#groups.set(group, new Map([[id, value]]))
  }

  #drop(group: string, id: string): void {
    const leases = this.#groups.get(group)
    leases?.delete(id)
    if (leases?.size === 0) this.#groups.delete(group)
  }
}

export function byGroup(leases: Iterable<Lease>): Map<string, Lease[]> {
  const groups = new Map<string, Lease[]>()
  for (const lease of leases) {
    const others = groups.get(lease.group)
    if (others) others.push(lease)
    else groups.set(lease.group, [lease])
  }
  return groups
}
