import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import type {Denial, Lease} from '#candy/rooms/bus.js'
import {Replica} from '#candy/rooms/replica.js'

const leaseTime = 60_000

beforeEach(() => void vi.useFakeTimers({now: Date.UTC(2030, 0, 1)}))
afterEach(() => void vi.useRealTimers())

/** What all nodes are on: messages go between those that are on the same side, if nobody drops them. */
class Wire {
  readonly nodes = new Map<string, Node>()
  readonly sent: {channel: string; message: Buffer}[] = []
  loses: (channel: string, message: string) => boolean = () => false

  send(from: Node, channel: string, bytes: Uint8Array): void {
    const message = Buffer.from(bytes)
    this.sent.push({channel, message})
    if (this.loses(channel, message.toString())) return
    for (const node of this.nodes.values()) {
      if (node.side !== from.side || !node.replica.channels.includes(channel)) continue
      queueMicrotask(() => node.hear(message))
    }
  }

  node(id: string): Node {
    const node = new Node(this, id)
    this.nodes.set(id, node)
    return node
  }
}

class Node {
  readonly id: string
  readonly replica: Replica
  /** Nodes hear those on their own side; one that is on side `undefined` is dead. */
  side: string | undefined = 'one'
  held: Lease[] = []
  readonly changes: Lease[] = []
  readonly denials: Denial[] = []
  #paused: Buffer[] | undefined

  constructor(wire: Wire, id: string) {
    this.id = id
    this.replica = new Replica({
      leaseTime,
      node: {
        id,
        hear: () => undefined,
        up: () => undefined,
        down: () => undefined,
        held: () => this.held,
        changed: (_, changes) => void this.changes.push(...changes!),
        denied: denials => void this.denials.push(...denials),
      },
      send: async (channel, message) => {
        if (this.side === undefined) throw new Error('dead')
        wire.send(this, channel, message)
      },
    })
    this.replica.watch('g')
  }

  hear(message: Buffer): void {
    if (this.#paused) this.#paused.push(message)
    else this.replica.hear(message)
  }

  async join(...ids: string[]): Promise<void> {
    const leases = ids.map(id => ({group: 'g', id, value: `by ${this.id}`}))
    this.held.push(...leases)
    await this.replica.hold(leases)
  }

  get members(): string[] {
    return this.replica.leases('g').map(({id}) => id)
  }

  /** Stops hearing; what comes meanwhile is heard at the end. */
  pause(): () => void {
    this.#paused = []
    return () => {
      const missed = this.#paused!
      this.#paused = undefined
      for (const message of missed) this.replica.hear(message)
    }
  }
}

async function nodes(...ids: string[]): Promise<[Wire, ...Node[]]> {
  const wire = new Wire()
  const all = ids.map(id => wire.node(id))
  for (const node of all) await node.replica.begin()
  await settle()
  return [wire, ...all]
}

/** Lets everything be heard, and answered. */
const settle = () => vi.advanceTimersByTimeAsync(0)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const sorted = (list: readonly string[]) => list.toSorted()

describe('leases', () => {
  it('are known to every node, and told to those that watch', async () => {
    const [, a, b] = await nodes('a', 'b')
    await a!.join('ann', 'abe')
    await b!.join('bob')
    await settle()
    expect(sorted(a!.members)).toEqual(['abe', 'ann', 'bob'])
    expect(sorted(b!.members)).toEqual(['abe', 'ann', 'bob'])
    await a!.replica.hold([
      {group: 'g', id: 'ann', value: 'changed'},
      {group: 'g', id: 'abe', value: undefined},
    ])
    await settle()
    expect(b!.replica.leases('g')).toEqual([
      {group: 'g', id: 'bob', value: 'by b'},
      {group: 'g', id: 'ann', value: 'changed'},
    ])
    expect(b!.changes.map(({id, value}) => `${id} ${value}`)).toEqual([
      'ann by a',
      'abe by a',
      'ann changed',
      'abe undefined',
    ])
  })

  it('are told only of groups that are watched', async () => {
    const [, a, b] = await nodes('a', 'b')
    b!.replica.unwatch('g')
    await a!.join('ann')
    await settle()
    expect(b!.changes).toEqual([])
    expect(b!.members).toEqual(['ann'])
  })

  it('come to a node that joins later, in messages of at most 200 KiB', async () => {
    const [wire, a] = await nodes('a')
    const many = Array.from({length: 10_000}, (_, i) => `member ${i} ${'é'.repeat(20)}`)
    await a!.join(...many)
    const late = wire.node('late')
    await late.replica.begin()
    await settle()
    expect(late.members).toHaveLength(10_000)
    expect(new Set(late.members)).toEqual(new Set(many))
    const sizes = wire.sent.map(({message}) => message.length)
    expect(Math.max(...sizes)).toBeLessThan(201 * 1024)
    expect(sizes.filter(size => size > 150 * 1024).length).toBeGreaterThan(4)
  })

  it('held before the bus was up are told when it is', async () => {
    const [wire, a] = await nodes('a')
    const b = wire.node('b')
    b.held.push({group: 'g', id: 'bob', value: 'early'})
    await b.replica.begin()
    await settle()
    expect([a!.members, b.members]).toEqual([['bob'], ['bob']])
  })

  it('are asked for by whoever has missed a change: by the next change, or the next beat', async () => {
    const [wire, a, b, c] = await nodes('a', 'b', 'c')
    wire.loses = () => true
    await a!.join('lost')
    await c!.join('lost too')
    wire.loses = () => false
    await a!.join('heard')
    await settle()
    expect(sorted(b!.members)).toEqual(['heard', 'lost'])
    await pass(25_000)
    expect(sorted(b!.members)).toEqual(['heard', 'lost', 'lost too'])
  })

  it('are asked for again where the answer is lost', async () => {
    const [wire, a, b] = await nodes('a', 'b')
    wire.loses = (_, message) => /"changes"|"state"/.test(message)
    await a!.join('ann')
    await pass(30_000)
    expect(b!.members).toEqual([])
    wire.loses = () => false
    await pass(25_000)
    expect(b!.members).toEqual(['ann'])
  })

  it('taken while the bus was down are told when it is back, without a transfer of what is known', async () => {
    const [wire, a, b, c] = await nodes('a', 'b', 'c')
    await a!.join('ann')
    await b!.join('bob')
    await settle()
    for (const node of [a!, b!, c!]) node.replica.lost()
    await expect(b!.join('ben')).rejects.toThrow('the bus is down')
    wire.sent.length = 0
    for (const node of [a!, b!, c!]) await node.replica.begin()
    await settle()
    for (const node of [a!, b!, c!]) expect(sorted(node.members)).toEqual(['ann', 'ben', 'bob'])
    const states = wire.sent.filter(({message}) => message.includes('"state"'))
    expect(states.map(({channel}) => channel).toSorted()).toEqual(['node-a', 'node-c'])
    expect(c!.changes.map(({id}) => id)).toEqual(['ann', 'bob', 'ben'])
  })
})

describe('a node', () => {
  it('that says goodbye is gone at once', async () => {
    const [, a, b] = await nodes('a', 'b')
    await a!.join('ann')
    await a!.replica.end()
    await settle()
    expect(b!.members).toEqual([])
    expect(b!.changes.at(-1)).toEqual({group: 'g', id: 'ann', value: undefined})
  })

  it('that dies is gone within the lease time, wherever between two beats, and is told once', async () => {
    const [, a, b, c] = await nodes('a', 'b', 'c')
    await a!.join('ann')
    await pass(70_000)
    expect(b!.members).toEqual(['ann'])
    a!.side = undefined
    await pass(leaseTime / 3)
    expect(b!.members).toEqual(['ann'])
    await pass((leaseTime / 3) * 2)
    expect([b!.members, c!.members]).toEqual([[], []])
    await pass(leaseTime * 3)
    expect(b!.changes.filter(({value}) => value === undefined)).toHaveLength(1)
  })

  it('that is alive stays, though nobody joins or leaves', async () => {
    const [wire, a, b] = await nodes('a', 'b')
    await a!.join('ann')
    wire.sent.length = 0
    await pass(leaseTime * 20)
    expect(b!.changes).toHaveLength(1)
    expect(wire.sent.length).toBeLessThanOrEqual((2 * 20 * 60) / 25)
  })

  it('that was paused for longer than the lease time is taken in again', async () => {
    const [, a, b] = await nodes('a', 'b')
    await a!.join('ann')
    await settle()
    a!.side = undefined
    await pass(leaseTime)
    expect(b!.members).toEqual([])
    a!.side = 'one'
    await pass(leaseTime / 2)
    expect(b!.members).toEqual(['ann'])
    expect(b!.changes.map(({value}) => value)).toEqual(['by a', undefined, 'by a'])
  })

  it('that stood still itself hears the others before it calls them gone', async () => {
    const [, a, b] = await nodes('a', 'b')
    await a!.join('ann')
    await settle()
    const go = b!.pause()
    // As after a stop: the time has jumped, and what has come meanwhile is read after the timers.
    const late = performance.now() + leaseTime * 2
    const now = vi.spyOn(performance, 'now').mockImplementation(() => late)
    await pass(25_500)
    go()
    await pass(1_000)
    now.mockRestore()
    expect(b!.members).toEqual(['ann'])
    expect(b!.changes).toHaveLength(1)
  })

  it('that has lost the bus calls nobody gone; who has died meanwhile is, a second after it is back', async () => {
    const [, a, b, c] = await nodes('a', 'b', 'c')
    await a!.join('ann')
    await c!.join('cat')
    await settle()
    b!.side = undefined
    b!.replica.lost()
    await pass(leaseTime * 3)
    expect(sorted(b!.members)).toEqual(['ann', 'cat'])
    expect(vi.getTimerCount()).toBeLessThanOrEqual(3)
    c!.side = undefined
    b!.side = 'one'
    await b!.replica.begin()
    await pass(500)
    expect(b!.changes).toHaveLength(2)
    await pass(600)
    expect(b!.members).toEqual(['ann'])
    expect(b!.changes.slice(2)).toEqual([{group: 'g', id: 'cat', value: undefined}])
    await pass(leaseTime * 3)
    expect(b!.changes).toHaveLength(3)
  })

  it('keeps nothing alive', async () => {
    vi.useRealTimers()
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const before = timers()
    const a = new Wire().node('a')
    await a.replica.begin()
    expect(timers()).toBe(before)
    await a.replica.end()
  })
})

it('unites two halves after a partition: no duplicate, no ghost', async () => {
  const [, a, b, c, d] = await nodes('a', 'b', 'c', 'd')
  const all = [a!, b!, c!, d!]
  for (const node of all) await node.join(node.id)
  await settle()
  for (const node of [c!, d!]) node.side = 'other'
  await pass(leaseTime)
  expect(sorted(a!.members)).toEqual(['a', 'b'])
  expect(sorted(d!.members)).toEqual(['c', 'd'])
  await a!.join('late')
  await d!.replica.hold([{group: 'g', id: 'd', value: undefined}])
  await c!.replica.deny({what: 'user:7', until: Date.now() + 600_000})
  for (const node of [c!, d!]) node.side = 'one'
  await pass(leaseTime / 2)
  for (const node of all) expect(sorted(node.members)).toEqual(['a', 'b', 'c', 'late'])
  expect(a!.denials).toMatchObject([{what: 'user:7'}])
})

describe('denials', () => {
  const denial = (what: string, ms: number) => ({what, until: Date.now() + ms})

  it('reach every node at once, those that join later, and each once', async () => {
    const [wire, a, b] = await nodes('a', 'b')
    await a!.replica.deny(denial('user:7', 600_000))
    await a!.replica.deny(denial('user:7', 600_000))
    await settle()
    expect(b!.denials).toEqual([denial('user:7', 600_000)])
    const late = wire.node('late')
    await late.replica.begin()
    await settle()
    expect(late.denials).toEqual([denial('user:7', 600_000)])
  })

  it('that were lost, or made while the bus was down, are found by the next beat', async () => {
    const [wire, a, b] = await nodes('a', 'b')
    wire.loses = () => true
    await a!.replica.deny(denial('user:7', 600_000))
    wire.loses = () => false
    await pass(25_000)
    expect(b!.denials).toHaveLength(1)
  })

  it('of a node whose clock is in another minute are asked for once', async () => {
    const [wire, a] = await nodes('a')
    const digest = {minute: Math.floor(Date.now() / 60_000) + 1, count: 1, sum: 5}
    const beat = Buffer.from(JSON.stringify({from: 'b', kind: 'beat', version: 0, denials: digest}))
    wire.sent.length = 0
    a!.replica.hear(beat)
    a!.replica.hear(beat)
    await settle()
    expect(wire.sent.map(({message}) => JSON.parse(message.toString()) as unknown)).toEqual([
      {from: 'a', kind: 'ask', what: 'denials'},
    ])
  })

  it('are forgotten after their end, by all together: nobody asks for what one has forgotten first', async () => {
    const [wire, a, b] = await nodes('a', 'b')
    for (let i = 0; i < 100; i += 1) await a!.replica.deny(denial(`user:${i}`, 90_000 + i * 10))
    await settle()
    wire.sent.length = 0
    await pass(300_000)
    expect(wire.sent.filter(({message}) => /"ask"|"denials":\[/.test(message.toString()))).toEqual([])
    expect(b!.denials).toHaveLength(100)
    const late = wire.node('late')
    await late.replica.begin()
    await settle()
    expect(late.denials).toEqual([])
  })
})

describe('what no node has sent', () => {
  const from = 'b'
  const lease = {group: 'g', id: 'x', value: 'y'}
  const denials = {minute: 1, count: 0, sum: 0}

  it.each<[string, unknown]>([
    ['nothing', Buffer.alloc(0)],
    ['bytes', Buffer.from([0xff, 0xfe, 0, 1])],
    ['no object', 5],
    ['null', null],
    ['no kind', {from}],
    ['an unknown kind', {from, kind: 'constructor'}],
    ['no sender', {kind: 'bye'}],
    ['a sender that is a pattern', {from: '>', kind: 'bye'}],
    ['a sender of the prototype', {from: ['b'], kind: 'bye'}],
    ['a version that is none', {from, kind: 'beat', version: 1.5, denials}],
    ['a digest that is none', {from, kind: 'beat', version: 1, denials: null}],
    ['leases that are no list', {from, kind: 'changes', version: 1, leases: {length: 1}}],
    [
      'a lease in a group that is a pattern',
      {from, kind: 'changes', version: 1, leases: [{...lease, group: 'g.>'}]},
    ],
    ['a lease without id', {from, kind: 'changes', version: 1, leases: [{...lease, id: ''}]}],
    [
      'one bad lease among good ones',
      {from, kind: 'changes', version: 1, leases: [lease, {...lease, value: 5}]},
    ],
    ['a state without part', {from, kind: 'state', version: 1, isLast: true, leases: [lease]}],
    ['a question for anything else', {from, kind: 'ask', what: 'secrets'}],
    ['a denial without end', {from, kind: 'denials', denials: [{what: 'user:7'}]}],
    ['a megabyte', {from, kind: 'changes', version: 1, leases: [{...lease, value: 'x'.repeat(1024 * 1024)}]}],
  ])('is ignored and counted: %s', async (_, message) => {
    const [wire, a] = await nodes('a')
    wire.sent.length = 0
    a!.replica.hear(message instanceof Uint8Array ? message : Buffer.from(JSON.stringify(message)))
    await settle()
    expect(a!.replica.ignored).toBe(1)
    expect([a!.members, a!.denials, wire.sent]).toEqual([[], [], []])
  })

  it('is not taken though it is well formed: what was not asked for, and what it seems to have said itself', async () => {
    const [, a] = await nodes('a')
    const say = (message: object) => a!.replica.hear(Buffer.from(JSON.stringify(message)))
    say({from, kind: 'state', version: 9, part: 0, isLast: true, leases: [lease]})
    say({from: 'a', kind: 'changes', version: 1, leases: [lease]})
    say({from: 'a', kind: 'bye'})
    await settle()
    expect(a!.members).toEqual([])
  })

  it('does not grow without end: strangers are forgotten, parts that lead nowhere are not kept', async () => {
    const [wire, a] = await nodes('a')
    const say = (message: object) => a!.replica.hear(Buffer.from(JSON.stringify(message)))
    for (let i = 0; i < 10_050; i += 1)
      say({from: `n${i}`, kind: 'changes', version: 1, leases: [{...lease, id: `${i}`}]})
    expect(a!.members).toHaveLength(10_000)
    await pass(leaseTime)
    expect(a!.members).toEqual([])
    say({from, kind: 'beat', version: 9, denials})
    for (let part = 1; part < 100; part += 1)
      say({from, kind: 'state', version: 9, part, isLast: part === 99, leases: [lease]})
    await settle()
    expect(a!.members).toEqual([])
    expect(wire.sent.filter(({channel}) => channel === 'node-b')).toHaveLength(1)
  })
})
