import {describe, expect, it} from 'vitest'
import type {Across} from './nodes.js'

/** Names that are a pattern, a path, a property or a protocol to somebody; each is a room like any other. */
const legal = [
  '*',
  '>',
  'a',
  'A',
  'b',
  'a.b',
  'a.*',
  'a.>',
  'a b',
  '[a]',
  '[^b]',
  'a?',
  '?',
  '\\*',
  '{a}',
  '%2A',
  'a:b',
  '__proto__',
  'constructor',
  'toString',
  '$SYS.>',
  '_INBOX.*',
  'candy',
  'nodes',
  ' ',
  '\u00a0',
  '.',
  '-',
  '_',
  'é',
  'e\u0301',
  '😀',
  '\ufeff',
  '\u200b',
  'x'.repeat(127),
  'x'.repeat(128),
  'é'.repeat(64),
]

const illegal = [
  '',
  'x'.repeat(129),
  'é'.repeat(64) + 'x',
  'a\r\nb',
  '\r\n',
  'a\nPUB x 1',
  '\u0000',
  '\t',
  '\u007f',
  '\u0085',
  '\ud800',
  'a\udc00b',
]

export function namesAcrossNodes(across: () => Across): void {
  describe('names', () => {
    it('of rooms are each a room of its own on every node', async () => {
      const {cluster} = across()
      const members = await Promise.all(legal.map((_, n) => cluster.client(n % 3)))
      for (const [n, room] of legal.entries()) await members[n]!.do('join', room)
      for (const [n, room] of legal.entries()) await cluster.reached({rooms: [room]}, [members[n]!])
      for (const room of legal)
        for (const at of [0, 1, 2])
          await cluster.control(at).do('send', {rooms: [room], data: `from ${at}: ${room}`})
      await cluster.settled()
      const got = members.map(({messages}) => messages.toSorted())
      expect(got).toEqual(legal.map(room => [0, 1, 2].map(at => `from ${at}: ${room}`)))
    })

    it('of rooms that could be no name are refused on every node, alike', async () => {
      const {cluster} = across()
      for (const at of [0, 1, 2]) {
        const client = await cluster.client(at)
        for (const room of illegal) {
          await expect(client.do('join', room), JSON.stringify(room)).rejects.toThrow(/^ROOM$/)
          await expect(client.do('send', {rooms: [room], data: 1})).rejects.toThrow(/^ROOM$/)
          await expect(client.do('presence', room)).rejects.toThrow(/^ROOM$/)
        }
        expect(await client.do('rooms')).toEqual([])
      }
    })

    it('of users are each a user of its own', async () => {
      const {cluster} = across()
      const ids = [
        '*',
        '>',
        'a.b',
        '__proto__',
        'é',
        'e\u0301',
        'a\r\nb',
        'u'.repeat(128),
        'u'.repeat(500),
        'é*'.repeat(150),
      ]
      const theirs = await Promise.all(ids.map((id, n) => cluster.user(id, n % 3)))
      for (const [n, id] of ids.entries()) await cluster.reached({user: id}, [theirs[n]!])
      for (const id of ids)
        for (const at of [0, 1, 2])
          await cluster.control(at).do('send', {user: id, data: `from ${at}: ${id}`})
      await cluster.settled()
      const got = theirs.map(({messages}) => messages.toSorted())
      expect(got).toEqual(ids.map(id => [0, 1, 2].map(at => `from ${at}: ${id}`)))
    })
  })
}
