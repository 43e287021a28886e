import type {BusNode, Lease} from './bus.js'
import {byGroup, HeldLeases} from './held-leases.js'

/** Nodes of which a replica is kept: more are no app's. */
const most = 10_000

/** Another node, as far as it was heard. */
export class Peer {
  /** When it was last heard; like all times here by the clock that never jumps, in milliseconds. */
  heardAt = 0
  askedLeasesAt = -Infinity
  askedDenialsAt = -Infinity
  #held = new HeldLeases()
  #version = 0
  /** What it has told so far of all that it holds. */
  #told: {readonly version: number; readonly held: HeldLeases; parts: number} | undefined

  get held(): HeldLeases {
    return this.#held
  }

  /** How often its leases had changed when `held` was true. */
  get version(): number {
    return this.#version
  }

  take(version: number, changes: readonly Lease[]): void {
    this.#version = version
    this.#held.take(changes)
  }

  /**
   * All that it holds, in parts, which come in order.
   *
   * @returns what has changed by the last one; nothing before that, or if nobody has asked for it
   */
  takePart(
    {version, part, isLast}: {version: number; part: number; isLast: boolean},
    leases: readonly Lease[],
  ): Lease[] {
    if (this.askedLeasesAt === -Infinity) return []
    if (part === 0) this.#told = {version, held: new HeldLeases(), parts: 0}
    const told = this.#told
    if (told?.version !== version || told.parts !== part) return []
    told.parts += 1
    told.held.take(leases)
    if (!isLast) return []
    const changes = [...this.#held.changesTo(told.held)]
    this.#held = told.held
    this.#version = version
    this.#told = undefined
    this.askedLeasesAt = -Infinity
    return changes
  }
}

/** The other nodes, and who is told of what they hold. */
export class Peers {
  readonly #node: BusNode
  readonly #peers = new Map<string, Peer>()
  readonly #watched = new Set<string>()

  constructor(node: BusNode) {
    this.#node = node
  }

  watch(group: string): void {
    this.#watched.add(group)
  }

  unwatch(group: string): void {
    this.#watched.delete(group)
  }

  *in(group: string): Generator<Lease> {
    for (const {held} of this.#peers.values()) yield* held.in(group)
  }

  /** @returns `undefined` if there are too many */
  heard(id: string): Peer | undefined {
    let peer = this.#peers.get(id)
    if (!peer) {
      if (this.#peers.size >= most) return undefined
      this.#peers.set(id, (peer = new Peer()))
    }
    peer.heardAt = performance.now()
    return peer
  }

  /** When the one that has been silent for longest was heard. */
  get firstHeardAt(): number {
    let first = Infinity
    for (const {heardAt} of this.#peers.values()) first = Math.min(first, heardAt)
    return first
  }

  /** Nobody counts as silent since earlier. */
  allow(since: number): void {
    for (const peer of this.#peers.values()) peer.heardAt = Math.max(peer.heardAt, since)
  }

  forgetSilent(since: number): void {
    for (const [id, {heardAt}] of this.#peers) if (heardAt <= since) this.forget(id)
  }

  forget(id: string): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    this.#peers.delete(id)
    this.changed([...peer.held.changesTo(new HeldLeases())])
  }

  /** Tells those that are watched. */
  changed(changes: readonly Lease[]): void {
    for (const [group, leases] of byGroup(changes))
      if (this.#watched.has(group)) this.#node.changed(group, leases)
  }
}
