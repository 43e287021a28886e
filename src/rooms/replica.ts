import {BusError, renewShare, type BusNode, type Denial, type Lease} from './bus.js'
import {Denials, type DenialsDigest} from './denials.js'
import {HeldLeases} from './held-leases.js'
import {Peers, type Peer} from './peers.js'
import {chunksOf, decode, encode, type ReplicaMessage} from './replica-message.js'

export interface ReplicaOptions {
  readonly node: BusNode
  /** Milliseconds after which a node that is dead is gone. */
  readonly leaseTime: number
  /** Publishes. What is lost is made good by the next beat. */
  readonly send: (channel: string, message: Uint8Array) => Promise<void>
}

/** Every node is told here. No room's or user's channel begins with this letter (`channels.ts`). */
const everyNode = 'nodes'

/** Of the lease time. After two beats, and before the whole: a node that dies has been heard before. */
const silenceShare = 55 / 60

/** Milliseconds in which those who live answer a node that is back. */
const answerTime = 1_000

/** Of the lease time: until a question is asked again, and what a timer may be late. */
const patienceShare = 1 / 60

/**
 * Leases and denials where the bus has nothing but messages: each node tells its own to all, and keeps a replica of all, so
 * that no question waits for another node. Each change of a node's leases has a number, which its beats repeat: whoever
 * has missed one asks for the whole.
 */
export class Replica {
  /** What it must hear. */
  readonly channels: readonly string[]
  readonly #node: BusNode
  readonly #send: ReplicaOptions['send']
  readonly #leaseTime: number
  readonly #peers: Peers
  readonly #denials = new Denials()
  #own = new HeldLeases()
  #version = 0
  #isUp = false
  #ignored = 0
  #begunAt = 0
  #beatAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor({node, leaseTime, send}: ReplicaOptions) {
    this.#node = node
    this.#leaseTime = leaseTime
    this.#send = send
    this.#peers = new Peers(node)
    this.channels = [everyNode, inboxOf(node.id)]
  }

  /** Messages on its channels that no node has sent. */
  get ignored(): number {
    return this.#ignored
  }

  /** The channels are heard, for the first time or again. */
  async begin(): Promise<void> {
    this.#isUp = true
    const held = new HeldLeases(this.#node.held())
    if (!this.#own.changesTo(held).next().done) this.#version += 1
    this.#own = held
    this.#begunAt = performance.now()
    // Nobody was heard meanwhile: who is there says so now.
    this.#peers.allow(this.#begunAt + answerTime - this.#leaseTime * silenceShare)
    this.#beatAt = this.#begunAt + this.#leaseTime * renewShare
    this.#arm()
    await this.#tell(everyNode, {kind: 'hello', ...this.#standing()})
  }

  /** Nothing is heard, until it begins again; whoever was there until then is not gone for that. */
  lost(): void {
    this.#isUp = false
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    if (!this.#isUp) return
    const isTold = this.#tell(everyNode, {kind: 'bye'})
    this.#isUp = false
    await isTold
  }

  /** Taken at once, and told with the next beat at the latest. */
  async hold(changes: readonly Lease[]): Promise<void> {
    this.#own.take(changes)
    const told = chunksOf(changes).map(leases => {
      this.#version += 1
      return this.#tell(everyNode, {kind: 'changes', version: this.#version, leases})
    })
    await Promise.all(told)
  }

  leases(group: string): Lease[] {
    return [...this.#own.in(group), ...this.#peers.in(group)]
  }

  watch(group: string): void {
    this.#peers.watch(group)
  }

  unwatch(group: string): void {
    this.#peers.unwatch(group)
  }

  /** Remembered at once, and told with the next beat at the latest. */
  async deny(denial: Denial): Promise<void> {
    this.#denials.add([denial])
    // Also one that is known: it may be known because telling it has failed before.
    await this.#tell(everyNode, {kind: 'denials', denials: [denial]})
  }

  /** A message on one of its channels, by whomever. */
  hear(bytes: Uint8Array): void {
    const message = decode(bytes)
    if (!message) {
      this.#ignored += 1
      return
    }
    if (message.from === this.#node.id) return
    if (message.kind === 'bye') return this.#peers.forget(message.from)
    const peer = this.#peers.heard(message.from)
    if (peer) this.#take(peer, message)
  }

  #take(peer: Peer, message: ReplicaMessage): void {
    switch (message.kind) {
      case 'hello':
        this.#say(inboxOf(message.from), {kind: 'beat', ...this.#standing()})
        return this.#compare(peer, message.from, message)
      case 'beat':
        return this.#compare(peer, message.from, message)
      case 'changes':
        return this.#takeChanges(peer, message)
      case 'state':
        return this.#peers.changed(peer.takePart(message, message.leases))
      case 'denials':
        return this.#takeDenials(message.denials)
      case 'ask':
        return this.#answer(inboxOf(message.from), message.what)
    }
  }

  #compare(peer: Peer, from: string, theirs: {version: number; denials: DenialsDigest}): void {
    if (theirs.version !== peer.version) this.#askLeases(peer, from)
    // One whose clock is in another minute is asked once, and then waits for a beat in the same.
    const isNew = peer.askedDenialsAt < this.#begunAt && theirs.denials.count > 0
    if (!this.#denials.differ(theirs.denials, isNew) || !this.#mayAsk(peer.askedDenialsAt)) return
    peer.askedDenialsAt = performance.now()
    this.#say(inboxOf(from), {kind: 'ask', what: 'denials'})
  }

  #askLeases(peer: Peer, from: string): void {
    if (!this.#mayAsk(peer.askedLeasesAt)) return
    peer.askedLeasesAt = performance.now()
    this.#say(inboxOf(from), {kind: 'ask', what: 'leases'})
  }

  /** Not again while an answer may come; one that was asked for before the bus was lost does not. */
  #mayAsk(askedAt: number): boolean {
    if (!this.#isUp) return false
    return askedAt < this.#begunAt || performance.now() - askedAt >= this.#leaseTime * patienceShare
  }

  #takeChanges(peer: Peer, {from, version, leases}: ReplicaMessage & {kind: 'changes'}): void {
    if (version === peer.version) return
    if (version !== peer.version + 1) return this.#askLeases(peer, from)
    peer.take(version, leases)
    this.#peers.changed(leases)
  }

  #takeDenials(denials: readonly Denial[]): void {
    const added = this.#denials.add(denials)
    if (added.length > 0) this.#node.denied(added)
  }

  #answer(inbox: string, what: 'leases' | 'denials'): void {
    if (what === 'denials')
      return chunksOf(this.#denials).forEach(denials => this.#say(inbox, {kind: 'denials', denials}))
    // At once, so that no change comes between its parts.
    chunksOf(this.#own).forEach((leases, part, {length}) =>
      this.#say(inbox, {
        kind: 'state',
        version: this.#version,
        part,
        isLast: part === length - 1,
        leases,
      }),
    )
  }

  #standing(): {version: number; denials: DenialsDigest} {
    return {version: this.#version, denials: this.#denials.digest()}
  }

  /** The one timer: for the next beat, and for the first node that may fall silent. */
  #arm(least = 1): void {
    clearTimeout(this.#timer)
    const now = performance.now()
    const silent = this.#isUp ? this.#peers.firstHeardAt + this.#leaseTime * silenceShare : Infinity
    const due = Math.min(this.#beatAt, silent)
    const delay = Math.max(least, due - now)
    this.#timer = setTimeout(() => this.#tick(now + delay), delay)
    this.#timer.unref()
  }

  #tick(due: number): void {
    const now = performance.now()
    if (now >= this.#beatAt) {
      this.#beatAt = now + this.#leaseTime * renewShare
      if (this.#isUp) this.#say(everyNode, {kind: 'beat', ...this.#standing()})
    }
    const patience = this.#leaseTime * patienceShare
    // This process has stood still: what others have said meanwhile is read first.
    if (now - due > patience) return this.#arm(patience)
    if (this.#isUp) this.#peers.forgetSilent(now - this.#leaseTime * silenceShare)
    this.#arm()
  }

  /** What fails is made good by a beat; that the bus is down, it tells itself. */
  #say(channel: string, message: Said): void {
    void this.#tell(channel, message).catch(() => undefined)
  }

  async #tell(channel: string, message: Said): Promise<void> {
    if (!this.#isUp) throw new BusError('the bus is down')
    await this.#send(channel, encode({from: this.#node.id, ...message}))
  }
}

type WithoutFrom<T> = T extends unknown ? Omit<T, 'from'> : never
type Said = WithoutFrom<ReplicaMessage>

function inboxOf(id: string): string {
  return `node-${id}`
}
