import {connect} from 'candy-ws/testing'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {auth, block, filesOf, muteLog, nextLog, seedApp} from './seed.js'

beforeEach(muteLog)
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('Rooms', () => {
  const game = block('Rooms')

  it('to(room) reaches everyone in the room, the sender too, and nobody else', async () => {
    const app = await seedApp(game)
    const [a, b, other] = [
      await connect(app, '/game?room=blue'),
      await connect(app, '/game?room=blue'),
      await connect(app, '/game?room=red'),
    ]
    a.send({message: 'hi'})
    expect(await a.next()).toEqual({type: 'chat', message: 'hi'})
    expect(await b.next()).toEqual({type: 'chat', message: 'hi'})
    other.send({message: 'alone'})
    expect(await other.next()).toEqual({type: 'chat', message: 'alone'})
    expect([...a.pending, ...b.pending, ...other.pending]).toEqual([])
  })

  it('the room is the one of the URL, or the lobby', async () => {
    const app = await seedApp(game)
    const lobby = await connect(app, '/game')
    const blue = await connect(app, '/game?room=blue')
    app.Route.wsServer.toRoom('lobby', 'to the lobby')
    app.Route.wsServer.toRoom('blue', 'to blue')
    expect([await lobby.next(), await blue.next()]).toEqual(['to the lobby', 'to blue'])
  })

  it('who has closed is in no room', async () => {
    const app = await seedApp(game)
    const [gone, there] = [await connect(app, '/game'), await connect(app, '/game')]
    const left = [...app.Route.wsServer.clients.values()][0]!
    expect(left.rooms).toEqual(new Set(['lobby']))
    await gone.close()
    await vi.waitFor(() => expect(left.rooms.size).toBe(0), 5_000)
    there.send({message: 'still here'})
    expect(await there.next()).toEqual({type: 'chat', message: 'still here'})
    expect(gone.pending).toEqual([])
  })

  it('leave leaves: the room is heard no more', async () => {
    const app = await seedApp(`
      Candy.Route.ws('/x', Candy => {
        Candy.ws.join('a', 'b')
        Candy.ws.leave('a')
        Candy.ws.to('a').send('not heard')
        Candy.ws.to('b').send('heard')
      })`)
    const client = await connect(app, '/x')
    expect(await client.next()).toBe('heard')
  })
})

describe('Broadcasting', () => {
  it('broadcast reaches all but the sender, to(room) all in the room', async () => {
    const app = await seedApp(`
      Candy.Route.ws('/member', Candy => { Candy.ws.join('room-name') })
      Candy.Route.ws('/guest', Candy => {})
      Candy.Route.ws('/sender', Candy => {
        ${block('Broadcasting')}
        Candy.Route.wsServer.broadcast('end')
      })`)
    const member = await connect(app, '/member')
    const guest = await connect(app, '/guest')
    const sender = await connect(app, '/sender')

    const notification = {type: 'notification', text: 'New user joined'}
    expect(await member.take(3)).toEqual([notification, {type: 'update', data: {}}, 'end'])
    expect(await guest.take(2)).toEqual([notification, 'end'])
    expect(await sender.take(1)).toEqual(['end'])
  })
})

describe('URL Parameters', () => {
  it('are in Candy.Request.data.url, decoded', async () => {
    const app = await seedApp(block('URL Parameters'))
    const client = await connect(app, '/room/blue%20one/user/42')
    const [connection] = app.Route.wsServer.clients.values()
    expect(connection!.rooms).toEqual(new Set(['blue one']))
    expect(connection!.data).toEqual({userId: '42'})
    app.Route.wsServer.toRoom('blue one', 'hello')
    expect(await client.next()).toBe('hello')
  })
})

describe('Real-Time Notifications Example', () => {
  const code = block('Real-Time Notifications Example')

  it('closes with 4001 Unauthorized when there is no user', async () => {
    const app = await seedApp(code, {}, {auth})
    const nobody = await connect(app, '/notifications')
    expect(await nobody.closed).toEqual({code: 4001, reason: 'Unauthorized'})
  })

  it('notifyUser reaches every connection of that user, later, through the global Candy', async () => {
    let notifyUser!: (userId: string, message: string) => void
    vi.stubGlobal('keep', (fn: typeof notifyUser) => (notifyUser = fn))
    const route = filesOf(code)['web/route/websocket.js']!
    const app = await seedApp('', {'web/route/websocket.js': `${route}keep(notifyUser)\n`}, {auth})

    const first = await connect(app, '/notifications', {headers: {'x-user': 'ada'}})
    const second = await connect(app, '/notifications', {headers: {'x-user': 'ada'}})
    const other = await connect(app, '/notifications', {headers: {'x-user': 'bob'}})
    const {clients} = app.Route.wsServer
    await vi.waitFor(
      () => expect([...clients.values()].every(({rooms}) => rooms.size === 1)).toBe(true),
      5_000,
    )

    notifyUser('ada-id', 'You have mail')
    app.Route.wsServer.broadcast('end')
    const notification = {type: 'notification', message: 'You have mail'}
    expect(await first.take(2)).toEqual([notification, 'end'])
    expect(await second.take(2)).toEqual([notification, 'end'])
    expect(await other.next()).toBe('end')
    expect([...clients.values()].map(({data}) => data.userId)).toEqual(['ada-id', 'ada-id', 'bob-id'])

    const logged = nextLog('User')
    await other.close()
    expect(await logged).toEqual(['User bob-id disconnected'])
  })
})
