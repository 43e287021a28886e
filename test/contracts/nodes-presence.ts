import type {RoomPresence} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {attendanceOf} from '../support/attendance.js'
import type {Across} from './nodes.js'
import {grace} from './nodes.js'

let count = 0

export function presenceAcrossNodes(across: () => Across): void {
  /** Who is there, as each node says: it comes to be the same on all. */
  const present = (room: string) =>
    expect.poll(
      async () => {
        const nodes = [0, 1, 2]
        return Promise.all(
          nodes.map(async at => short(await across().cluster.control(at).do('presence', room))),
        )
      },
      {interval: 20},
    )

  const everywhere = (answer: object) => [answer, answer, answer]
  const newRoom = () => `presence ${(count += 1)}`

  describe('presence', () => {
    it('is alike on every node: users once, however many tabs, with what they say of themselves', async () => {
      const {cluster} = across()
      const room = newRoom()
      await present(room).toEqual(everywhere({all: 0}))
      const ada1 = await cluster.user('ada', 0)
      const ada2 = await cluster.user('ada', 1)
      const bob = await cluster.user('bob', 2)
      const guest = await cluster.client(1)
      await ada1.do('join', room, {meta: {at: 'home'}})
      await ada2.do('join', room)
      await bob.do('join', room, {meta: ['é', 7]})
      await guest.do('join', room)
      const rest = {all: 4, bob: [1, ['é', 7]], guests: 1}
      await present(room).toEqual(everywhere({...rest, ada: [2, {at: 'home'}]}))
      await ada1.do('join', room, {meta: {at: 'work'}})
      await present(room).toEqual(everywhere({...rest, ada: [2, {at: 'work'}]}))
      await ada1.close()
      await guest.do('leave', room)
      await present(room).toEqual(everywhere({all: 2, ada: [1], bob: rest.bob}))
      await bob.drop()
      await ada2.do('leave', room)
      await present(room).toEqual(everywhere({all: 0}))
    })

    it('knows users by their key, and never tells the id of a connection', async () => {
      const {cluster} = across()
      const room = newRoom()
      const [ada, guest] = [await cluster.user('ada', 0), await cluster.client(1)]
      for (const client of [ada, guest]) await client.do('join', room)
      await present(room).toEqual(everywhere({all: 2, ada: [1], guests: 1}))
      const answers = await Promise.all([0, 1, 2].map(at => cluster.control(at).do('presence', room)))
      const keys = answers.map(({users}) => users.map(({key}) => key).toSorted())
      expect(keys[1]).toEqual(keys[0])
      expect(keys[2]).toEqual(keys[0])
      expect(keys[0]![1]).toBe('user ada')
      expect(JSON.stringify(answers)).not.toContain(await guest.do('id'))
    })

    it('is told as a snapshot and then what changes, to who asks for it', async () => {
      const {cluster} = across()
      const room = newRoom()
      const [ada, bob] = [await cluster.user('ada', 0), await cluster.user('bob', 1)]
      await ada.do('join', room, {meta: 'early'})
      await present(room).toEqual(everywhere({all: 1, ada: [1, 'early']}))
      const onlooker = await cluster.user('eve', 2)
      await onlooker.do('join', room, {presence: true})
      const seen = attendanceOf(onlooker, room)
      await expect.poll(() => seen().there).toEqual({'user ada': [1, 'early'], 'user eve': [1]})
      const [first] = onlooker.presence
      expect(first!.users?.map(({id}) => id).toSorted()).toEqual(['ada', 'eve'])
      expect([first!.joined, first!.left, first!.updated]).toEqual([undefined, undefined, undefined])

      await bob.do('join', room)
      await expect.poll(() => seen().there).toMatchObject({'user bob': [1]})
      const second = await cluster.user('ada', 1)
      await second.do('join', room, {meta: 'second'})
      await expect.poll(() => seen().there).toMatchObject({'user ada': [2, 'second']})
      await bob.do('leave', room)
      await expect.poll(() => seen().there).not.toHaveProperty('user bob')
      expect(seen().log).toEqual(['+user bob', '~user ada', '-user bob'])
      expect([ada.presence, bob.presence, second.presence]).toEqual([[], [], []])
    })

    it('tells a page that is loaded anew, on another node even, as nothing; who stays away as one leave', async () => {
      const {cluster} = across()
      const room = newRoom()
      const onlooker = await cluster.user('eve', 0)
      await onlooker.do('join', room, {presence: true})
      const seen = attendanceOf(onlooker, room)
      const [before, carl] = [await cluster.user('ada', 1), await cluster.user('carl', 2)]
      await before.do('join', room)
      await carl.do('join', room)
      await expect.poll(() => Object.keys(seen().there)).toHaveLength(3)

      const began = performance.now()
      await before.drop()
      const after = await cluster.user('ada', 2)
      await after.do('join', room)
      await present(room).toEqual(everywhere({all: 3, ada: [1], carl: [1], eve: [1]}))
      const took = performance.now() - began
      // Only then is a leave of Ada due, if there were to be one, before that of Carl.
      await carl.close()
      await expect.poll(() => seen().log).toContain('-user carl')
      const log = seen().log.filter(change => !change.startsWith('~'))
      const expected = ['+user ada', '+user carl', '-user carl']
      // A machine that took longer than the grace has shown nothing.
      if (took < grace) expect([...log.slice(0, 2).toSorted(), ...log.slice(2)]).toEqual(expected)

      await after.close()
      await expect.poll(() => seen().log).toContain('-user ada')
      await onlooker.do('join', room, {meta: 'still here', presence: true})
      await expect.poll(() => seen().log).toContain('~user eve')
      expect(seen().log.filter(change => change.startsWith('-user'))).toEqual(['-user carl', '-user ada'])
    })

    it('is told no more to who does not want it any more, or has left', async () => {
      const {cluster} = across()
      const room = newRoom()
      const [one, other, stays] = [await cluster.client(0), await cluster.client(0), await cluster.client(1)]
      for (const client of [one, other, stays]) await client.do('join', room, {presence: true})
      for (const client of [one, other, stays])
        await expect.poll(() => Object.keys(attendanceOf(client, room)().there)).toHaveLength(3)
      await one.do('join', room, {presence: false})
      await other.do('leave', room)
      const before = [one.presence.length, other.presence.length]
      const ada = await cluster.user('ada', 2)
      await ada.do('join', room)
      await expect.poll(() => attendanceOf(stays, room)().there).toHaveProperty('user ada')
      await cluster.settled()
      expect([one.presence.length, other.presence.length]).toEqual(before)
    })
  })
}

/** By their ids; those who are not known by how many they are. */
function short({users, connections}: RoomPresence): object {
  const known = users.flatMap(({id, meta, connections: theirs}) =>
    id === null ? [] : [[id, meta === undefined ? [theirs] : [theirs, meta]] as const],
  )
  const guests = users.length - known.length
  return {all: connections, ...Object.fromEntries(known), ...(guests > 0 && {guests})}
}
