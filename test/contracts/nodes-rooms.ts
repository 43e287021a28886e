import {describe, expect, it} from 'vitest'
import type {ClusterClient} from '../support/cluster-client.js'
import type {Across} from './nodes.js'

/** The rooms of a test are its own: the nodes are not. */
let count = 0
const roomOf = (name: string) => `${name} ${(count += 1)}`

/** What the app promises of rooms and broadcast, where those who are meant are on three nodes. */
export function roomsAcrossNodes(across: () => Across): void {
  /** One client on each node: a in `red`, b in `red` and `blue`, c in `blue`. */
  const three = async () => {
    const {cluster} = across()
    const [red, blue] = [roomOf('red'), roomOf('blue')]
    const [a, b, c] = [await cluster.client(0), await cluster.client(1), await cluster.client(2)]
    await a.do('join', red)
    await b.do('join', red, blue)
    await c.do('join', blue)
    await cluster.reached({rooms: [red]}, [a, b])
    await cluster.reached({rooms: [blue]}, [b, c])
    await cluster.reached({}, [a, b, c])
    return {cluster, red, blue, a, b, c}
  }

  /** What each has got once everything has come. */
  const heard = async (...clients: readonly ClusterClient[]) => {
    await across().cluster.settled()
    return clients.map(({messages}) => messages)
  }

  describe('rooms', () => {
    it('to(room) reaches everyone in the room on every node, the sender too, and nobody else', async () => {
      const {red, a, b, c} = await three()
      await a.do('send', {rooms: [red], data: {n: 1}, asClient: true})
      await b.do('send', {rooms: [red], data: {n: 2}, asClient: true})
      // Who is not in the room may send to it.
      await c.do('send', {rooms: [red], data: {n: 3}, asClient: true})
      const [ofA, ofB, ofC] = await heard(a, b, c)
      expect(ofA).toHaveLength(3)
      expect(ofA).toEqual(expect.arrayContaining([{n: 1}, {n: 2}, {n: 3}]))
      expect(ofB).toHaveLength(3)
      expect(ofB).toEqual(expect.arrayContaining([{n: 1}, {n: 2}, {n: 3}]))
      expect(ofC).toEqual([])
    })

    it('to(several rooms) reaches everyone in any of them, once each', async () => {
      const {red, blue, a, b, c} = await three()
      for (const sender of [a, b, c])
        await sender.do('send', {rooms: [red, blue, red, 'empty'], data: 'x', asClient: true})
      expect(await heard(a, b, c)).toEqual([
        ['x', 'x', 'x'],
        ['x', 'x', 'x'],
        ['x', 'x', 'x'],
      ])
    })

    it('except leaves out rooms and connections, wherever they are', async () => {
      const {red, blue, a, b, c} = await three()
      const [idOfA, idOfB, idOfC] = [await a.do('id'), await b.do('id'), await c.do('id')]
      const send = (data: string, ...except: string[]) =>
        a.do('send', {rooms: [red, blue], except, data, asClient: true})
      await send('not a', idOfA)
      await send('not b', idOfB)
      await send('not a, c', idOfA, idOfC)
      await send('not blue', blue)
      await send('not red', red, 'unknown')
      await send('nobody', red, idOfC)
      expect(await heard(a, b, c)).toEqual([
        ['not b', 'not blue'],
        ['not a', 'not a, c'],
        ['not a', 'not b', 'not red'],
      ])
    })

    it('wsServer.to and toRoom reach them from every node', async () => {
      const {cluster, red, a, b, c} = await three()
      for (const at of [0, 1, 2]) await cluster.control(at).do('send', {rooms: [red], data: at})
      const [ofA, ofB, ofC] = await heard(a, b, c)
      expect(ofA!.toSorted()).toEqual([0, 1, 2])
      expect(ofB!.toSorted()).toEqual([0, 1, 2])
      expect(ofC).toEqual([])
    })

    it('are the app’s, not a route’s: what the URL says is joined meets what is joined on another route', async () => {
      const {cluster} = across()
      const room = roomOf('of a URL')
      const byUrl = await cluster.client(0, `/room/${encodeURIComponent(room)}`)
      const other = await cluster.client(1, '/other')
      await other.do('join', room)
      await cluster.reached({rooms: [room]}, [byUrl, other])
      await byUrl.do('send', {rooms: [room], data: 'from the URL', asClient: true})
      await other.heard(1)
      await other.do('send', {rooms: [room], data: 'from the other', asClient: true})
      expect(await heard(byUrl, other)).toEqual([
        ['from the URL', 'from the other'],
        ['from the URL', 'from the other'],
      ])
    })

    it('leave leaves: the room is heard no more, by who is left it is', async () => {
      const {red, a, b, c} = await three()
      await b.do('leave', red)
      await a.do('send', {rooms: [red], data: 1, asClient: true})
      await b.do('send', {rooms: [red], data: 2, asClient: true})
      // Whoever comes back earlier may hear what is still on its way.
      await across().cluster.settled()
      await b.do('join', red)
      await across().cluster.reached({rooms: [red]}, [a, b])
      await a.do('send', {rooms: [red], data: 3, asClient: true})
      expect(await heard(a, b, c)).toEqual([[1, 2, 3], [3], []])
    })

    it('who has closed is in no room; its last word reaches those on other nodes', async () => {
      const {red, a, b} = await three()
      const second = await across().cluster.client(0)
      await second.do('join', red)
      await second.do('sayBye', red, 'bye')
      await second.close()
      await b.heard(1)
      await b.do('send', {rooms: [red], data: 'still here', asClient: true})
      await a.close()
      expect(await heard(b, second)).toEqual([['bye', 'still here'], []])
    })

    it('hears nothing twice where several members are on one node', async () => {
      const {cluster} = across()
      const room = roomOf('crowd')
      const crowd = await Promise.all([0, 0, 0, 1, 1, 2].map(at => cluster.client(at)))
      for (const member of crowd) await member.do('join', room)
      await cluster.reached({rooms: [room]}, crowd)
      for (const [n, member] of crowd.entries())
        await member.do('send', {rooms: [room], data: n, asClient: true})
      for (const messages of await heard(...crowd)) expect(messages.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    })
  })

  describe('broadcast', () => {
    it('reaches all but the sender', async () => {
      const {a, b, c} = await three()
      await b.do('send', {data: {hello: 'all'}, asClient: true})
      expect(await heard(a, b, c)).toEqual([[{hello: 'all'}], [], [{hello: 'all'}]])
    })

    it('by wsServer reaches all, from every node', async () => {
      const {cluster, a, b, c} = await three()
      for (const at of [0, 1, 2]) await cluster.control(at).do('send', {data: at})
      for (const messages of await heard(a, b, c)) expect(messages.toSorted()).toEqual([0, 1, 2])
    })
  })

  describe('what is sent', () => {
    it('comes as it was: text, JSON, bytes', async () => {
      const {red, a, b} = await three()
      const data = [
        '',
        'text',
        '"quoted"',
        'é😀\u2028',
        null,
        7,
        [],
        {deep: [{er: '\u0000'}]},
        'x'.repeat(100_000),
      ]
      const bytes = ['', '00', 'ff00fe', 'c3a9', 'aa'.repeat(10_000)]
      for (const one of data) await a.do('send', {rooms: [red], data: one, asClient: true})
      for (const hex of bytes) await a.do('send', {rooms: [red], hex, asClient: true})
      const expected = [...data.map(parsed), ...bytes.map(hex => Buffer.from(hex, 'hex'))]
      expect(await heard(a, b)).toEqual([expected, expected])
    })

    it('keeps its order', async () => {
      const {red, a, b} = await three()
      const numbers = Array.from({length: 500}, (_, n) => n)
      await Promise.all(numbers.map(data => a.do('send', {rooms: [red], data, asClient: true})))
      expect(await heard(a, b)).toEqual([numbers, numbers])
    })

    it('arrives if it is volatile, or the latest of its key, while nobody is slow', async () => {
      const {red, a, b} = await three()
      await a.do('send', {rooms: [red], data: 1, options: {volatile: true}, asClient: true})
      await b.heard(1)
      await a.do('send', {rooms: [red], data: 2, options: {latest: 'é "key"'}, asClient: true})
      await b.heard(2)
      await a.do('send', {data: 3, options: {volatile: true, latest: 'key'}, asClient: true})
      expect(await heard(a, b)).toEqual([
        [1, 2],
        [1, 2, 3],
      ])
    })
  })
}

/** A text that is JSON comes as what it says: on the wire they are the same. */
function parsed(data: unknown): unknown {
  return data === '"quoted"' ? 'quoted' : data
}
