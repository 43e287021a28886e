import type {Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {serve} from '../support/serve-handlers.js'

const auth = (request: Candy['Request']) =>
  request.data.get.user === undefined ? null : {id: request.data.get.user}

/** Joins with what the query says, and does what the client asks for. */
const lobby = async (Candy: Candy) => {
  const {meta, watch} = Candy.Request.data.get
  await Candy.Auth.user()
  Candy.ws.join('lobby', {
    ...(meta !== undefined && {meta: JSON.parse(meta) as unknown}),
    presence: watch !== undefined,
  })
  Candy.ws.on('message', async asked => {
    if (asked === 'leave') Candy.ws.leave('lobby')
    else if (asked === 'who') Candy.ws.send(await Candy.presence('lobby'))
    else Candy.ws.join('lobby', asked as {meta: unknown})
  })
}

const ada = {key: 'user ada', id: 'ada', connections: 1}
const bob = {key: 'user bob', id: 'bob', connections: 1}
const told = (rest: object) => ({type: 'candy.presence', room: 'lobby', ...rest})

describe('Candy.presence(room)', () => {
  it('tells users, each once with all connections, their meta, and those nobody knows one by one', async () => {
    const {app, connect} = await serve(lobby, {auth})
    await connect('/?user=ada&meta={"name":"Ada"}')
    await connect('/?user=ada')
    await connect('/')
    await connect('/')
    const {users, connections} = await app.presence('lobby')
    expect(connections).toBe(4)
    const [known, ...guests] = users
    expect(known).toEqual({...ada, meta: {name: 'Ada'}, connections: 2})
    expect(guests).toEqual([
      {key: expect.stringMatching(/^guest [\w-]{16}$/), id: null, connections: 1},
      {key: expect.stringMatching(/^guest [\w-]{16}$/), id: null, connections: 1},
    ])
    expect(guests[0]!.key).not.toBe(guests[1]!.key)
  })

  it('is the same in a handler, of the server and of the app; nobody is in a room that there is not', async () => {
    const {app, connect} = await serve(lobby, {auth})
    const client = await connect('/?user=ada')
    client.send('who')
    const expected = {users: [ada], connections: 1}
    expect(await client.next()).toEqual(expected)
    expect(await app.Route.wsServer.presence('lobby')).toEqual(expected)
    expect(await app.presence('elsewhere')).toEqual({users: [], connections: 0})
    expect(() => app.presence('')).toThrow(expect.objectContaining({code: 'ROOM'}))
  })

  it('counts those who joined without options, too', async () => {
    const {app, connect} = await serve(({ws}) => void ws.join('lobby'))
    await connect()
    expect((await app.presence('lobby')).connections).toBe(1)
  })
})

describe('join(room, options)', () => {
  it('with presence, gets a snapshot, then who comes, is otherwise, and goes', async () => {
    const {connect} = await serve(lobby, {auth, presenceGrace: 100})
    const a = await connect('/?user=ada&watch')
    expect(await a.next()).toEqual(told({users: [ada]}))
    const b = await connect('/?user=bob&meta=1')
    expect(await a.next()).toEqual(told({joined: [{...bob, meta: 1}]}))
    b.send({meta: 2})
    expect(await a.next()).toEqual(told({updated: [{...bob, meta: 2}]}))
    const b2 = await connect('/?user=bob')
    expect(await a.next()).toEqual(told({updated: [{...bob, meta: 2, connections: 2}]}))
    await b2.close()
    expect(await a.next()).toEqual(told({updated: [{...bob, meta: 2}]}))
    b.send('leave')
    expect(await a.next()).toEqual(told({left: ['user bob']}))
  })

  it('gives a newcomer the whole, and those who are there what is new', async () => {
    const {connect} = await serve(lobby, {auth})
    const a = await connect('/?user=ada&watch')
    await a.next()
    const b = await connect('/?user=bob&watch')
    expect(await b.next()).toEqual(told({users: [ada, bob]}))
    expect(await a.next()).toEqual(told({joined: [bob]}))
  })

  it('tells of no leave where somebody comes back within the grace time', async () => {
    const {connect} = await serve(lobby, {auth, presenceGrace: 60_000})
    const a = await connect('/?user=ada&watch')
    await a.next()
    const b = await connect('/?user=bob')
    expect(await a.next()).toEqual(told({joined: [bob]}))
    await b.close()
    await connect('/?user=bob')
    await connect('/?user=eve')
    expect(await a.next()).toEqual(told({joined: [{key: 'user eve', id: 'eve', connections: 1}]}))
  })

  it('says nothing where candy.v1 is not spoken, and nothing after leave()', async () => {
    const {connect} = await serve(lobby, {auth})
    const plain = await connect('/?user=eve&watch', {protocols: []})
    const a = await connect('/?user=ada&watch')
    await a.next()
    a.send('leave')
    a.send('who')
    expect(await a.next()).toMatchObject({connections: 1})
    await connect('/?user=bob')
    a.send('who')
    plain.send('who')
    expect(await a.next()).toMatchObject({connections: 2})
    expect(await plain.next()).toMatchObject({connections: 2})
  })

  it.each([
    [{meta: 1n}, 'TypeError'],
    [{meta: () => 1}, 'TypeError'],
    [{meta: 'x'.repeat(1_023)}, 'RangeError'],
  ])('throws for a meta of %o', async (options, name) => {
    const {connect} = await serve(({ws}) => {
      try {
        ws.join('lobby', options)
      } catch (error) {
        ws.send([(error as Error).name, ws.rooms.size])
      }
    })
    expect(await (await connect()).next()).toEqual([name, 0])
  })

  it('keeps a copy of the meta, as JSON has it', async () => {
    const {app, connect} = await serve(({ws}) => {
      const meta = {at: new Date(0), name: 'a'}
      ws.join('lobby', 'hall', {meta})
      meta.name = 'b'
      ws.send('in')
    })
    await (await connect()).next()
    const {users} = await app.presence('hall')
    expect(users[0]!.meta).toEqual({at: '1970-01-01T00:00:00.000Z', name: 'a'})
  })
})

describe('toUser(id)', () => {
  it('reaches all connections of a user who is known, but those excepted', async () => {
    const {app, connect} = await serve(lobby, {auth})
    const [a, a2, b] = [await connect('/?user=7'), await connect('/?user=7'), await connect('/?user=8')]
    const {wsServer} = app.Route
    wsServer.toUser(7).send('yours')
    wsServer.toUser('7').except('lobby').send('nobody hears')
    wsServer.broadcast('end')
    expect([await a.next(), await a.next()]).toEqual(['yours', 'end'])
    expect([await a2.next(), await a2.next()]).toEqual(['yours', 'end'])
    expect(await b.next()).toBe('end')
  })
})
