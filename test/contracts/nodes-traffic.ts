import {setTimeout as delay} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import {describe, expect, it} from 'vitest'
import {busOf} from '#candy/boot/bus.js'
import {channelOfRoom} from '#candy/rooms/channels.js'
import {join, until} from '../support/bus-node.js'
import type {ClusterClient} from '../support/cluster-client.js'
import {randomOf} from '../support/seeded.js'
import type {Across} from './nodes.js'

/** Messages, so that all take a few seconds. */
const total = 10_000
/** How many of one sender's may be under way. */
const together = 40

interface Numbered {
  readonly from: number
  readonly n: number
  readonly rooms: readonly number[]
}

export function trafficAcrossNodes(across: () => Across): void {
  describe('traffic', () => {
    it(`${total} messages in random rooms from random nodes: each member once, in order per sender`, async () => {
      const {cluster} = across()
      const random = randomOf(9)
      const below = (end: number) => Math.floor(random() * end)
      const rooms = Array.from({length: 20}, (_, n) => `traffic ${n}`)
      const clients = await Promise.all(Array.from({length: 12}, (_, n) => cluster.client(n % 3)))
      const joined = clients.map(() => rooms.flatMap((_, n) => (random() < 0.25 ? [n] : [])))
      for (const [n, client] of clients.entries())
        await client.do('join', ...joined[n]!.map(room => rooms[room]!))
      const membersOf = (room: number) => clients.filter((_, n) => joined[n]!.includes(room))
      for (const [n, room] of rooms.entries()) await cluster.reached({rooms: [room]}, membersOf(n))

      const sent: Numbered[][] = clients.map(() => [])
      for (let n = 0; n < total; n += 1) {
        const from = below(clients.length)
        const room = below(rooms.length)
        // One in eight goes to two rooms, and still comes once.
        const also = random() < 1 / 8 ? [below(rooms.length)] : []
        sent[from]!.push({from, n, rooms: [...new Set([room, ...also])]})
      }
      await Promise.all(clients.map((client, from) => sendAll(client, sent[from]!, rooms)))
      const due = joined.map(theirs =>
        sent.map(ones => ones.filter(one => one.rooms.some(room => theirs.includes(room)))),
      )
      await cluster.settled()
      const counts = clients.map(({messages}) => messages.length)
      expect(counts).toEqual(due.map(bySender => bySender.flat().length))
      for (const [n, client] of clients.entries()) {
        const got = client.messages as Numbered[]
        expect(sent.map((_, from) => got.filter(one => one.from === from))).toEqual(due[n])
      }
      expect(counts.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(total * 2)
    }, 60_000)

    it('a node subscribes to the rooms that it has members of, and to no other', async () => {
      const {cluster, world} = across()
      const room = 'subscribed'
      const subscribers = () => expect.poll(() => world.subscribers(channelOfRoom(room)), {interval: 20})
      await subscribers().toBe(0)
      const [a, a2, b] = [await cluster.client(0), await cluster.client(0), await cluster.client(1)]
      await a.do('join', room)
      await a2.do('join', room)
      await subscribers().toBe(1)
      await b.do('join', room)
      await subscribers().toBe(2)
      await a.do('leave', room)
      await cluster.reached({rooms: [room]}, [a2, b])
      expect(await world.subscribers(channelOfRoom(room))).toBe(2)
      await a2.close()
      await subscribers().toBe(1)
      await b.drop()
      await subscribers().toBe(0)
    })

    it('a message goes to the bus once, and from there to each other node with members once', async () => {
      const {cluster, world} = across()
      const room = 'counted'
      // A node of the test's own hears what reaches the bus.
      const observer = join((await busOf(world.bus))!)
      await until(observer, 'up')
      await observer.link.subscribe(channelOfRoom(room))
      const [a, a2, b, b2] = await Promise.all([0, 0, 1, 1].map(at => cluster.client(at)))
      for (const client of [a!, a2!, b!, b2!]) await client.do('join', room)
      await cluster.reached({rooms: [room]}, [a!, a2!, b!, b2!])
      const before = await quietTraffic(across())
      const heardBefore = observer.node.heard.length
      for (let n = 0; n < 100; n += 1) await a!.do('send', {rooms: [room], data: n, asClient: true})
      await b2!.heard(100)
      await expect.poll(() => observer.node.heard.length).toBe(heardBefore + 100)
      const after = await trafficOf(across())
      expect(after.published.map((count, at) => count - before.published[at]!)).toEqual([100, 0, 0])
      expect(after.received.map((count, at) => count - before.received[at]!)).toEqual([0, 100, 0])
      for (const client of [a!, a2!, b!, b2!])
        expect(client.messages).toEqual(Array.from({length: 100}, (_, n) => n))
    })
  })
}

async function sendAll(client: ClusterClient, messages: readonly Numbered[], rooms: readonly string[]) {
  for (let at = 0; at < messages.length; at += together)
    await Promise.all(
      messages
        .slice(at, at + together)
        .map(data => client.do('send', {rooms: data.rooms.map(n => rooms[n]!), data})),
    )
}

/** Once nothing is on its way any more. */
async function quietTraffic(across: Across): Promise<Traffic> {
  for (let before = await trafficOf(across); ;) {
    await delay(50)
    const now = await trafficOf(across)
    if (isDeepStrictEqual(now, before)) return now
    before = now
  }
}

interface Traffic {
  readonly published: readonly number[]
  readonly received: readonly number[]
}

/** What each node has published, and heard from others. */
async function trafficOf({cluster}: Across): Promise<Traffic> {
  const scrapes = await Promise.all(cluster.nodes.map((_, at) => cluster.metrics(at)))
  const of = (what: string) => scrapes.map(scrape => scrape.value('candy_bus_messages_total', {what})!)
  return {published: of('published'), received: of('received')}
}
