import {connect, fetchToken} from 'candy-ws/testing'
import {beforeEach, describe, expect, it} from 'vitest'
import {block, muteLog, nextLog, seedApp} from './seed.js'

beforeEach(muteLog)

const chat = block('Route Definition')

describe('Route Definition', () => {
  it('runs the handler per connection: it greets, echoes and hears the close', async () => {
    const app = await seedApp(chat)
    const received = nextLog('Received:')
    const client = await connect(app, '/chat')
    expect(await client.next()).toEqual({type: 'welcome', message: 'Connected!'})

    client.send({text: 'hi'})
    expect(await client.next()).toEqual({type: 'echo', data: {text: 'hi'}})
    expect(await received).toEqual(['Received:', {text: 'hi'}])

    const disconnected = nextLog('Client disconnected')
    await client.close()
    expect(await disconnected).toEqual(['Client disconnected'])
  })

  it('takes WebSocket routes from any route file, www.js too', async () => {
    const app = await seedApp(chat.replace('// route/websocket.js', '// route/www.js'))
    expect(app.routes().map(route => route.source)).toEqual(['web/route/www.js:2'])
    const client = await connect(app, '/chat')
    expect(await client.next()).toEqual({type: 'welcome', message: 'Connected!'})
  })

  it('Handler Signature: the handler receives Candy as its only parameter, the client as Candy.ws', async () => {
    const app = await seedApp(
      `Candy.Route.ws('/x', function (...args) { args[0].ws.send({count: args.length, root: args[0] === Candy}) })`,
    )
    const client = await connect(app, '/x')
    expect(await client.next()).toEqual({count: 1, root: false})
  })
})

describe('CSRF Token Protection', () => {
  it('requires a valid token by default', async () => {
    const app = await seedApp(chat)
    const without = await connect(app, '/chat', {token: false})
    expect(await without.closed).toEqual({code: 4002, reason: 'Missing token'})
    const wrong = await connect(app, '/chat', {token: 'wrong'})
    expect(await wrong.closed).toEqual({code: 4002, reason: 'Invalid token'})
    expect([...without.pending, ...wrong.pending]).toEqual([])
  })

  it('takes the token from Sec-WebSocket-Protocol and from nowhere else', async () => {
    const app = await seedApp(chat)
    const {url} = await app.listen({port: 0})
    const {token, cookie = ''} = await fetchToken(url)
    const elsewhere = await connect(url, `/chat?token=${token}&_token=${token}`, {
      token: false,
      headers: {cookie, 'x-candy-token': token},
    })
    expect(await elsewhere.closed).toEqual({code: 4002, reason: 'Missing token'})

    const there = await connect(url, '/chat', {
      token: false,
      headers: {cookie},
      protocols: [`candy-token-${token}`],
    })
    expect(await there.next()).toEqual({type: 'welcome', message: 'Connected!'})
  })

  it('Disable token requirement: token: false lets everyone in', async () => {
    const app = await seedApp(block('Route Definition', 1))
    const client = await connect(app, '/public', {token: false, protocols: []})
    expect(await client.next()).toEqual({type: 'public'})
  })
})

describe('Route File Structure', () => {
  it('loads every file of web/route/', async () => {
    const app = await seedApp(chat, {'web/route/www.js': block('Route Definition', 1)})
    expect(app.routes().map(route => [route.path, route.source])).toEqual([
      ['/chat', 'web/route/websocket.js:2'],
      ['/public', 'web/route/www.js:1'],
    ])
    const visitor = await connect(app, '/public', {token: false})
    expect(await visitor.next()).toEqual({type: 'public'})
    const member = await connect(app, '/chat')
    expect(await member.next()).toEqual({type: 'welcome', message: 'Connected!'})
  })
})
