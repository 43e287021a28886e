import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {auth, block, seedApp} from './seed.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const ada = {headers: {'x-user': 'ada'}}

const greet = (candy: {ws: {send(data: unknown): void}}) => candy.ws.send('in')

const answering = (answer: string) => ({
  'web/middleware/auth-check.js': `module.exports = Candy => ${answer}\n`,
})

const step = (name: string) =>
  `module.exports = async Candy => { await null; (Candy.ws.data.steps ??= []).push('${name}') }`

const validateToken = (token: string) =>
  Promise.resolve(token === 'Bearer good' ? {id: 7, name: 'ada'} : null)

describe('Manual Authentication Check', () => {
  const code = block('Manual Authentication Check')

  it('closes with 4001 Unauthorized where the handler says so', async () => {
    const app = await seedApp(code, {}, {auth})
    const nobody = await connect(app, '/secure')
    expect(await nobody.closed).toEqual({code: 4001, reason: 'Unauthorized'})
  })

  it('gives the user to the handler', async () => {
    const app = await seedApp(code, {}, {auth})
    const client = await connect(app, '/secure', ada)
    const [connection] = app.Route.wsServer.clients.values()
    await vi.waitFor(() => expect(connection!.data).toEqual({user: {id: 'ada-id', name: 'ada'}}), 5_000)
    expect(await client.close(1000)).toEqual({code: 1000, reason: ''})
  })
})

describe('Using auth.ws() (Recommended)', () => {
  const code = block('Using auth.ws() (Recommended)')

  it('requires authentication: without a user the connection closes with 4001', async () => {
    const app = await seedApp(code, {}, {auth})
    const nobody = await connect(app, '/secure')
    expect(await nobody.closed).toEqual({code: 4001, reason: 'Unauthorized'})
  })

  it('also requires a token by default', async () => {
    const app = await seedApp(code, {}, {auth})
    const client = await connect(app, '/secure', {...ada, token: false})
    expect(await client.closed).toEqual({code: 4002, reason: 'Missing token'})
  })

  it('runs the handler with the user', async () => {
    const app = await seedApp(code, {}, {auth})
    const client = await connect(app, '/secure', ada)
    expect(await client.next()).toEqual({type: 'welcome', user: 'ada'})
  })
})

describe('Options', () => {
  it('token: true requires a token, as the default does', async () => {
    vi.stubGlobal('handler', greet)
    const app = await seedApp(block('Options'))
    const without = await connect(app, '/path', {token: false})
    expect(await without.closed).toEqual({code: 4002, reason: 'Missing token'})
    const client = await connect(app, '/path')
    expect(await client.next()).toBe('in')
  })

  it('Examples: public; token and no auth; both', async () => {
    vi.stubGlobal('handler', greet)
    const app = await seedApp(block('Options', 1), {}, {auth})
    const visitor = await connect(app, '/public', {token: false})
    expect(await visitor.next()).toBe('in')

    const without = await connect(app, '/chat', {token: false})
    expect(await without.closed).toEqual({code: 4002, reason: 'Missing token'})
    const member = await connect(app, '/chat')
    expect(await member.next()).toBe('in')

    const nobody = await connect(app, '/secure')
    expect(await nobody.closed).toEqual({code: 4001, reason: 'Unauthorized'})
    const tokenless = await connect(app, '/secure', {...ada, token: false})
    expect(await tokenless.closed).toEqual({code: 4002, reason: 'Missing token'})
    const user = await connect(app, '/secure', ada)
    expect(await user.next()).toBe('in')
  })
})

describe('Middleware', () => {
  const chat = block('Middleware')
  it.each(['true', 'undefined', 'Promise.resolve(true)'])('lets in on %s', async answer => {
    const app = await seedApp(chat, answering(answer))
    const client = await connect(app, '/chat')
    expect(await client.next()).toEqual({type: 'welcome'})
  })

  it.each(['false', 'Promise.resolve(false)'])('closes with 4003 Forbidden on %s', async answer => {
    const app = await seedApp(chat, answering(answer))
    const client = await connect(app, '/chat')
    expect(await client.closed).toEqual({code: 4003, reason: 'Forbidden'})
    expect(client.pending).toEqual([])
  })

  it.each(['null', '0', '""', '"no"', '1', '({})', 'Promise.resolve("no")'])(
    'closes with 4000 on anything else: %s',
    async answer => {
      const app = await seedApp(chat, answering(answer))
      const client = await connect(app, '/chat')
      expect(await client.closed).toEqual({code: 4000, reason: 'Middleware rejected'})
      expect(client.pending).toEqual([])
    },
  )

  it('runs in the order of use, before the handler', async () => {
    const app = await seedApp(
      `Candy.Route.use('one', 'two').ws('/x', Candy => { Candy.ws.send([...Candy.ws.data.steps, 'handler']) })`,
      {'web/middleware/one.js': step('one'), 'web/middleware/two.js': step('two')},
    )
    const client = await connect(app, '/x')
    expect(await client.next()).toEqual(['one', 'two', 'handler'])
  })
})

describe('Example with custom middleware', () => {
  const code = block('Middleware', 1)
  it('lets in who has a valid token, as the user the middleware set', async () => {
    vi.stubGlobal('validateToken', validateToken)
    const app = await seedApp(code)
    const client = await connect(app, '/secure', {headers: {authorization: 'Bearer good'}})
    expect(await client.next()).toEqual({type: 'authenticated'})
    const [connection] = app.Route.wsServer.clients.values()
    expect(connection!.user).toEqual({id: 7, name: 'ada'})
  })

  it('closes with 4003 without a token, or with a bad one', async () => {
    vi.stubGlobal('validateToken', validateToken)
    const app = await seedApp(code)
    const without = await connect(app, '/secure')
    expect(await without.closed).toEqual({code: 4003, reason: 'Forbidden'})
    const bad = await connect(app, '/secure', {headers: {authorization: 'Bearer bad'}})
    expect(await bad.closed).toEqual({code: 4003, reason: 'Forbidden'})
  })
})
