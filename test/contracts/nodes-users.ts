import {createEmitter, type Emitter} from 'candy-ws'
import {describe, expect, it, onTestFinished} from 'vitest'
import {candy} from '../support/cli.js'
import type {Across} from './nodes.js'

export function usersAcrossNodes(across: () => Across): void {
  /** Ada on two nodes, Bob on the third. */
  const users = async () => {
    const {cluster} = across()
    const [ada1, ada2, bob] = [
      await cluster.user('ada', 0),
      await cluster.user('ada', 1),
      await cluster.user('bob', 2),
    ]
    await cluster.reached({user: 'ada'}, [ada1, ada2])
    await cluster.reached({user: 'bob'}, [bob])
    await cluster.reached({}, [ada1, ada2, bob])
    return {cluster, ada1, ada2, bob}
  }

  describe('toUser', () => {
    it('reaches every connection of a user, from every node, and nobody else', async () => {
      const {cluster, ada1, ada2, bob} = await users()
      for (const at of [0, 1, 2]) await cluster.control(at).do('send', {user: 'ada', data: at})
      await cluster.settled()
      expect(ada1.messages.toSorted()).toEqual([0, 1, 2])
      expect(ada2.messages.toSorted()).toEqual([0, 1, 2])
      expect(bob.messages).toEqual([])
    })

    it('leaves out connections and rooms', async () => {
      const {cluster, ada1, ada2, bob} = await users()
      await ada2.do('join', 'quiet')
      await cluster.control(2).do('send', {user: 'ada', except: [await ada1.do('id')], data: 'not the first'})
      await cluster.control(2).do('send', {user: 'ada', except: ['quiet'], data: 'not the quiet'})
      await cluster.settled()
      expect([ada1.messages, ada2.messages, bob.messages]).toEqual([['not the quiet'], ['not the first'], []])
    })

    it('takes a number for the same user as its text', async () => {
      const {cluster} = across()
      const seven = await cluster.user('7', 1)
      await cluster.reached({user: '7'}, [seven])
      await cluster.control(0).do('send', {user: 7, data: 'seven'})
      expect(await seven.heard(1)).toEqual(['seven'])
    })
  })

  describe('createEmitter', () => {
    const open = async (): Promise<Emitter> => {
      const emitter = await createEmitter({bus: across().world.bus})
      onTestFinished(() => emitter.close())
      return emitter
    }

    it('sends from outside: to rooms, to users, to all', async () => {
      const {cluster, ada1, ada2, bob} = await users()
      const emitter = await open()
      await ada1.do('join', 'of the emitter')
      await bob.do('join', 'of the emitter', 'another')
      await cluster.reached({rooms: ['of the emitter']}, [ada1, bob])
      await cluster.reached({rooms: ['another']}, [bob])
      await emitter.toRoom('of the emitter', {to: 'room'})
      await emitter
        .to('of the emitter', 'another')
        .except(await ada1.do('id'))
        .send('once')
      await emitter.to('another').sendBinary(Buffer.from([1, 2]))
      await emitter.toUser('ada').send('to ada')
      await emitter.broadcast('end')
      await Promise.all([ada1.heard(3), ada2.heard(2), bob.heard(4)])
      await cluster.settled()
      expect(ada1.messages).toEqual([{to: 'room'}, 'to ada', 'end'])
      expect(ada2.messages).toEqual(['to ada', 'end'])
      expect(bob.messages).toEqual([{to: 'room'}, 'once', Buffer.from([1, 2]), 'end'])
    })

    it('is nobody: it is in no room, and when it has gone it sends nothing', async () => {
      const emitter = await open()
      const nobody = {users: [], connections: 0}
      expect(await across().cluster.control(0).do('presence', 'of an emitter')).toEqual(nobody)
      await emitter.close()
      await expect(emitter.broadcast('late')).rejects.toMatchObject({name: 'BusError'})
    })

    it('by the command line: candy send', async ({skip}) => {
      const {world, cluster} = across()
      if (typeof world.bus !== 'string') return skip('a bus that is not reached by a URL')
      const member = await cluster.client(1)
      await member.do('join', 'of the shell')
      await cluster.reached({rooms: ['of the shell']}, [member])
      const sender = candy(['send', 'of the shell', '{"type":"news","text":"é"}'], {
        env: {...process.env, CANDY_BUS: world.bus},
      })
      expect(await sender.exited).toEqual({code: 0, stdout: 'sent to of the shell\n', stderr: ''})
      expect(await member.heard(1)).toEqual([{type: 'news', text: 'é'}])
    })
  })
}
