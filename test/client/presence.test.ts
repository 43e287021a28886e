import type {WsClient} from 'candy-ws'
import {Candy, createClient, type Presence, type PresentUser} from 'candy-ws/client'
import {describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {chanceIs, closedAfter, storyOf, told} from '../support/client-socket.js'
import {serve} from '../support/serve.js'

const ada: PresentUser = {key: 'a', id: '42', meta: {name: 'Ada'}, connections: 1}
const bob: PresentUser = {key: 'b', id: '43', connections: 2}
const guest: PresentUser = {key: 'c', id: null, meta: null, connections: 1}

const snapshot = (users: unknown, room: unknown = 'lobby') => ({type: 'candy.presence', room, users})
const diff = (changes: object, room: unknown = 'lobby') => ({type: 'candy.presence', room, ...changes})

/** What is told of a room in which nothing has changed but this. */
function change(changes: Partial<Presence>): Presence {
  return {room: 'lobby', users: [], joined: [], updated: [], left: [], ...changes}
}

/** A socket of the client, and the server's side of its latest connection. */
async function connected() {
  let theirs: WsClient
  // It sends frames itself, as rooms that tell who is there do in their own time: so each test says what comes, and in what order.
  const {url} = await serve({}, ({Route}) => Route.ws('/rooms', ({ws}) => void (theirs = ws), {token: false}))
  const socket = closedAfter(Candy.ws(`${url}/rooms`, {WebSocket, token: false, reconnectDelay: 0}))
  await told(socket, 'open')
  return {
    /** What it tells of these frames: a message comes after them. */
    story: async (...frames: readonly object[]): Promise<unknown[][]> => {
      const story = storyOf(socket)
      const heard = told(socket, 'message')
      for (const frame of [...frames, {type: 'last'}]) theirs.send(frame)
      expect(await heard).toEqual([{type: 'last'}])
      return story.slice(0, -1)
    },
    reconnect: async (): Promise<void> => {
      chanceIs(0)
      const back = told(socket, 'gap')
      theirs.close(1012, 'retry=0')
      expect(await back).toEqual([])
    },
  }
}

describe('A socket tells who is there', () => {
  it('at first: everybody has joined', async () => {
    const {story} = await connected()
    expect(await story(snapshot([ada, bob, guest]))).toEqual([
      ['presence', change({users: [ada, bob, guest], joined: [ada, bob, guest]})],
    ])
  })

  it('at first, be it nobody', async () => {
    const {story} = await connected()
    expect(await story(snapshot([]), snapshot([]))).toEqual([['presence', change({})]])
  })

  it('when somebody comes, is other than before, or goes, as they were known last', async () => {
    const {story} = await connected()
    const two = {...ada, connections: 2}
    expect(
      await story(
        snapshot([ada]),
        diff({joined: [bob]}),
        diff({updated: [two]}),
        diff({joined: [guest], left: ['a', 'b']}),
      ),
    ).toEqual([
      ['presence', change({users: [ada], joined: [ada]})],
      ['presence', change({users: [ada, bob], joined: [bob]})],
      ['presence', change({users: [two, bob], updated: [two]})],
      ['presence', change({users: [guest], joined: [guest], left: [two, bob]})],
    ])
  })

  it('by what it knows, whatever the server calls it', async () => {
    const {story} = await connected()
    const named = {...bob, meta: {name: 'Bob'}}
    expect(
      await story(
        snapshot([ada]),
        diff({joined: [ada]}),
        diff({updated: [bob]}),
        diff({joined: [named], left: ['b', 'x']}),
        diff({left: ['x']}),
        diff({}),
      ),
    ).toEqual([
      ['presence', change({users: [ada], joined: [ada]})],
      ['presence', change({users: [ada, bob], joined: [bob]})],
      ['presence', change({users: [ada, named], updated: [named]})],
    ])
  })

  it('of each room apart, whatever it and they are called', async () => {
    const {story} = await connected()
    const odd = {...ada, key: '__proto__'}
    expect(
      await story(
        snapshot([odd], '__proto__'),
        snapshot([bob], 'constructor'),
        diff({left: ['__proto__']}, '__proto__'),
        diff({joined: [odd]}, 'constructor'),
      ),
    ).toEqual([
      ['presence', change({room: '__proto__', users: [odd], joined: [odd]})],
      ['presence', change({room: 'constructor', users: [bob], joined: [bob]})],
      ['presence', change({room: '__proto__', left: [odd]})],
      ['presence', change({room: 'constructor', users: [bob, odd], joined: [odd]})],
    ])
  })

  it('of 1,000 rooms: that of which was heard longest ago is forgotten', async () => {
    const {story} = await connected()
    await story(...Array.from({length: 1_000}, (_, n) => snapshot([ada], `room-${n}`)))
    const here = {users: [ada, bob], joined: [bob]}
    expect(
      await story(
        diff({joined: [bob]}, 'room-0'),
        snapshot([], 'one more'),
        diff({joined: [bob]}, 'room-0'),
        diff({joined: [bob]}, 'room-1'),
        diff({joined: [bob]}, 'room-2'),
      ),
    ).toEqual([
      ['presence', change({room: 'room-0', ...here})],
      ['presence', change({room: 'one more'})],
      ['presence', change({room: 'room-2', ...here})],
    ])
  })
})

describe('After a new connection, a socket tells', () => {
  it('what is other than it knew', async () => {
    const {story, reconnect} = await connected()
    await story(snapshot([ada, bob]))
    await reconnect()
    const named = {...bob, meta: {name: 'Bob'}}
    expect(await story(snapshot([guest, named]))).toEqual([
      ['presence', change({users: [guest, named], joined: [guest], updated: [named], left: [ada]})],
    ])
  })

  it('nothing, if the same are there as before', async () => {
    const {story, reconnect} = await connected()
    await story(snapshot([ada, bob, guest]))
    await reconnect()
    expect(await story(snapshot([guest, bob, ada]))).toEqual([])
    expect(await story(diff({left: ['b']}))).toEqual([
      ['presence', change({users: [guest, ada], left: [bob]})],
    ])
  })
})

describe('A socket ignores', () => {
  it('what has changed in a room of which it knows nothing', async () => {
    const {story} = await connected()
    expect(await story(diff({joined: [ada]}), diff({left: ['a']}), diff({}))).toEqual([])
    expect(await story(snapshot([bob]))).toEqual([['presence', change({users: [bob], joined: [bob]})]])
  })

  it.each([
    ['no room', diff({users: [ada]}, null)],
    ['users that are no list', snapshot({a: ada})],
    ['a user that is null', snapshot([ada, null])],
    ['news that are null', diff({joined: null, left: ['b']})],
  ])('a frame with %s', async (_, frame) => {
    const {story} = await connected()
    await story(snapshot([bob]))
    expect(await story(frame)).toEqual([])
    expect(await story(diff({joined: [ada]}))).toEqual([
      ['presence', change({users: [bob, ada], joined: [ada]})],
    ])
  })
})

describe('A gap', () => {
  it('is of the rooms that the server names', async () => {
    const {story} = await connected()
    expect(await story({type: 'candy.gap', rooms: ['lobby', 'yard']})).toEqual([['gap', ['lobby', 'yard']]])
  })

  it('of none, or of what is no list, is none', async () => {
    const {story} = await connected()
    const rooms = [undefined, null, 'lobby', {}]
    expect(await story(...rooms.map(named => ({type: 'candy.gap', rooms: named})))).toEqual([])
  })

  it('names no rooms after a new connection', async () => {
    const {reconnect} = await connected()
    await reconnect()
  })
})

describe('Of a room that tells who is there', () => {
  /** @returns lets somebody in, by their name */
  async function lobby() {
    const auth = ({data}: {data: {get: Readonly<Record<string, string>>}}) => ({id: data.get.user!})
    const {url} = await serve({auth, presenceGrace: 1}, ({Route}) =>
      Route.auth.ws('/lobby', ({ws}) => void ws.join('lobby', {meta: {}, presence: true}), {token: false}),
    )
    const options = {WebSocket, token: false, reconnectDelay: 0}
    return (user: string) => closedAfter(Candy.ws(`${url}/lobby`, {...options, query: {user}}))
  }

  const user = (id: string, connections = 1) => ({key: `user ${id}`, id, meta: {}, connections})
  const [ada, bob] = [user('ada'), user('bob')]

  it('a socket hears who comes, and who goes', async () => {
    const enter = await lobby()
    const first = enter('ada')
    expect(await told(first, 'presence')).toEqual([change({users: [ada], joined: [ada]})])
    const comes = told(first, 'presence')
    const second = enter('bob')
    expect(await told(second, 'presence')).toEqual([change({users: [ada, bob], joined: [ada, bob]})])
    expect(await comes).toEqual([change({users: [ada, bob], joined: [bob]})])
    const goes = told(first, 'presence')
    second.close()
    expect(await goes).toEqual([change({users: [ada], left: [bob]})])
  })

  it('a second tab of somebody is one more connection of theirs', async () => {
    const enter = await lobby()
    const first = enter('ada')
    await told(first, 'presence')
    const updated = told(first, 'presence')
    enter('ada')
    const twice = user('ada', 2)
    expect(await updated).toEqual([change({users: [twice], updated: [twice]})])
  })
})

it('a typed socket tells the same, and no longer once nobody listens', async () => {
  interface Contract {
    '/rooms': {params: {}; takes: {}; sends: {last: {}}}
  }
  let theirs: WsClient
  const {url} = await serve({}, ({Route}) => Route.ws('/rooms', ({ws}) => void (theirs = ws), {token: false}))
  const socket = closedAfter(createClient<Contract>({url, WebSocket, token: false}).ws('/rooms'))
  await new Promise<void>(resolve => socket.on('open', resolve))
  const heard: unknown[] = []
  const hear = (presence: Presence) => heard.push(presence)
  socket.on('presence', hear).on('gap', rooms => heard.push(rooms))
  const last = () =>
    new Promise<unknown>(resolve => {
      socket.on('last', resolve)
      theirs.send({type: 'last'})
    })
  theirs!.send(snapshot([ada]))
  theirs!.send({type: 'candy.gap', rooms: ['lobby']})
  await last()
  socket.off('presence', hear)
  theirs!.send(snapshot([]))
  await last()
  expect(heard).toEqual([change({users: [ada], joined: [ada]}), ['lobby']])
})
