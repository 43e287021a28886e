import {describe, expect, it} from 'vitest'
import {unauthorized} from '../support/accounts.js'
import type {ClusterClient} from '../support/cluster-client.js'
import type {Across} from './nodes.js'

export function revocationAcrossNodes(across: () => Across): void {
  /** Who revokes gives no answer but this: all are closed with 4001 within a second. */
  const end = async (clients: readonly ClusterClient[], revoke: () => Promise<unknown>) => {
    const began = performance.now()
    await revoke()
    const ends = await Promise.all(clients.map(({closed}) => closed))
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(ends).toEqual(clients.map(() => unauthorized))
  }

  /** What becomes of a connection with these cookies on each node. */
  const tried = async (cookie: string): Promise<unknown[]> => {
    const {cluster} = across()
    const clients = await Promise.all(cluster.nodes.map((_, at) => cluster.client(at, '/user', cookie)))
    return Promise.all(
      clients.map(client => Promise.race([client.closed, client.do('user').catch(() => client.closed)])),
    )
  }

  const sessionOf = (cookie: string) => /candy_session=([^;]+)/.exec(cookie)![1]!

  describe('revoke', () => {
    it('of a user ends every connection of theirs within a second, on every node, and no other', async () => {
      const {cluster} = across()
      const [desk, phone] = [await cluster.logIn('mallory', 0), await cluster.logIn('mallory', 1)]
      const theirs = [
        await cluster.client(0, '/user', desk),
        await cluster.client(1, '/user', desk),
        await cluster.client(1, '/user', phone),
      ]
      const [ada, guest] = [await cluster.user('ada', 1), await cluster.client(0)]
      for (const client of theirs) expect(await client.do('user')).toMatchObject({id: 'mallory'})
      await end(theirs, () => cluster.control(2).do('revoke', {user: 'mallory'}))
      expect(await tried(desk)).toEqual([unauthorized, unauthorized, unauthorized])
      expect(await tried(phone)).toEqual([unauthorized, unauthorized, unauthorized])
      expect(await ada.do('user')).toMatchObject({id: 'ada'})
      expect(await guest.do('user')).toBeNull()

      const anew = await cluster.logIn('mallory', 2)
      expect(await tried(anew)).toEqual([{id: 'mallory'}, {id: 'mallory'}, {id: 'mallory'}])
    })

    it('of a session ends that browser, and no other of the same user', async () => {
      const {cluster} = across()
      const [lost, kept] = [await cluster.logIn('trent', 0), await cluster.logIn('trent', 1)]
      const gone = [
        await cluster.client(0, '/user', lost),
        await cluster.client(1, '/user', lost),
        await cluster.client(2, '/user', lost),
      ]
      const stays = await cluster.client(2, '/user', kept)
      for (const client of [...gone, stays]) await client.do('user')
      await end(gone, () => cluster.control(1).do('revoke', {session: sessionOf(lost)}))
      expect(await tried(lost)).toEqual([unauthorized, unauthorized, unauthorized])
      expect(await stays.do('user')).toMatchObject({id: 'trent'})
      expect(await tried(kept)).toEqual([{id: 'trent'}, {id: 'trent'}, {id: 'trent'}])
    })

    it('is known to a node that begins later', async () => {
      const {cluster, world} = across()
      const [old, lost] = [await cluster.logIn('sybil', 0), await cluster.logIn('walter', 1)]
      const sybil = await cluster.client(1, '/user', old)
      await end([sybil], () => cluster.control(0).do('revoke', {user: 'sybil'}))
      const walter = await cluster.client(0, '/user', lost)
      await end([walter], () => cluster.control(2).do('revoke', {session: sessionOf(lost)}))
      const at = await cluster.add(await world.node())
      try {
        await expect.poll(() => cluster.readiness(at)).toBe('ready')
        for (const cookie of [old, lost]) {
          const refused = await cluster.client(at, '/user', cookie)
          expect(await refused.closed).toEqual(unauthorized)
        }
        const anew = await cluster.client(at, '/user', await cluster.logIn('sybil', 0))
        expect(await anew.do('user')).toMatchObject({id: 'sybil'})
      } finally {
        await cluster.remove(at)
      }
    })
  })
}
