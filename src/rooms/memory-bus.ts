import {BusError, type Bus, type BusLink, type BusNode, type Denial, type Lease} from './bus.js'
import {Denials} from './denials.js'
import {byGroup, HeldLeases} from './held-leases.js'

/** For several apps in one process. It promises what every bus does, and is never down. */
export function memoryBus(): Bus {
  const world: World = {links: new Set(), denials: new Denials()}
  return {kind: 'memory', connect: node => new MemoryLink(node, world)}
}

/** What a server would know. */
interface World {
  /** Those that are up. */
  readonly links: Set<MemoryLink>
  readonly denials: Denials
}

class MemoryLink implements BusLink {
  readonly #node: BusNode
  readonly #world: World
  readonly #channels = new Set<string>()
  readonly #watched = new Set<string>()
  readonly #held = new HeldLeases()
  #isClosed = false

  constructor(node: BusNode, world: World) {
    this.#node = node
    this.#world = world
    setImmediate(() => this.#begin())
  }

  async publish(channel: string, message: Uint8Array): Promise<void> {
    this.#mustBeUp('publish')
    for (const link of this.#others()) {
      if (!link.#channels.has(channel)) continue
      // As over a wire: whoever changes its bytes changes nobody else's.
      const bytes = Buffer.from(message)
      link.#later(() => link.#channels.has(channel) && link.#node.hear(channel, bytes))
    }
  }

  async subscribe(channel: string): Promise<void> {
    this.#channels.add(channel)
    this.#mustBeUp('subscribe')
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#channels.delete(channel)
    this.#mustBeUp('unsubscribe')
  }

  async hold(changes: readonly Lease[]): Promise<void> {
    this.#mustBeUp('hold')
    this.#take(changes)
  }

  async leases(group: string): Promise<readonly Lease[]> {
    this.#mustBeUp('leases')
    const leases: Lease[] = []
    for (const link of this.#world.links) leases.push(...link.#held.in(group))
    return leases
  }

  async watch(group: string): Promise<void> {
    this.#watched.add(group)
    this.#mustBeUp('watch')
  }

  async unwatch(group: string): Promise<void> {
    this.#watched.delete(group)
    this.#mustBeUp('unwatch')
  }

  async deny(denial: Denial): Promise<void> {
    this.#mustBeUp('deny')
    const denials = this.#world.denials.add([denial])
    if (denials.length === 0) return
    for (const link of this.#others()) link.#later(() => link.#node.denied(denials))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (!this.#world.links.delete(this)) return
    this.#take([...this.#held.changesTo(new HeldLeases())])
  }

  #begin(): void {
    if (this.#isClosed) return
    this.#world.links.add(this)
    this.#take([...this.#node.held()])
    const now = Date.now()
    const denials = [...this.#world.denials].filter(({until}) => until > now)
    if (denials.length > 0) this.#node.denied(denials)
    this.#node.up()
  }

  #take(changes: readonly Lease[]): void {
    this.#held.take(changes)
    const groups = byGroup(changes)
    for (const link of this.#others())
      for (const [group, leases] of groups)
        if (link.#watched.has(group))
          link.#later(() => link.#watched.has(group) && link.#node.changed(group, leases))
  }

  *#others(): Generator<MemoryLink> {
    for (const link of this.#world.links) if (link !== this) yield link
  }

  /** What others have said is heard when they are done, and no more after the end. */
  #later(tell: () => void): void {
    setImmediate(() => this.#isClosed || tell())
  }

  #mustBeUp(what: string): void {
    if (!this.#world.links.has(this)) throw new BusError(`${what}: the bus is down`)
  }
}
