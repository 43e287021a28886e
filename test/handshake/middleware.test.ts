import {BootError, Candy, createApp, injectable, singleton} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {ask, handshake} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

afterEach(removeFolders)

const free = {token: false} as const

const first = async (Candy: Candy) => {
  expect(Candy.ws.send('from middleware')).toBe(true)
  Candy.ws.sendBinary(Buffer.from('bytes'))
  Candy.ws.join('lobby')
  Candy.ws.on('message', () => Candy.ws.send('heard in middleware'))
  Candy.ws.to('lobby').send('to the room')
}

const handler = (Candy: Candy) => {
  Candy.ws.send([...Candy.ws.rooms])
  Candy.ws.on('message', () => Candy.ws.send('heard in handler'))
}

const shout = (Candy: Candy) => {
  Candy.ws.join('lobby', 'mine').broadcast('never')
  Candy.ws.to('lobby').send('never')
  Candy.ws.send('never')
  return false
}

describe('2. The handshake: the context in middleware', () => {
  it('has request, user, id and data, and no socket yet', async () => {
    const {app} = await serve({auth: () => ({id: 7})})
    let seen: Record<string, unknown> = {}
    const look = async (Candy: Candy) => {
      Candy.ws.data.visits = 1
      seen = {
        room: Candy.Request.data.url.id,
        query: Candy.Request.data.get.as,
        header: Candy.Request.header('X-Mine'),
        user: await Candy.Auth.user(),
        id: Candy.ws.id,
        state: Candy.ws.readyState,
        clients: app.Route.wsServer.clientCount,
        aborted: Candy.signal.aborted,
      }
    }
    app.Route.use(look).ws(
      '/room/{id}',
      Candy => Candy.ws.send({id: Candy.ws.id, data: Candy.ws.data, state: Candy.ws.readyState}),
      free,
    )
    const a = await connect(app, '/room/7?as=guest', {token: false, headers: {'x-mine': 'yes'}})
    expect(await a.next()).toEqual({id: seen.id, data: {visits: 1}, state: 1})
    expect(seen).toEqual({
      room: '7',
      query: 'guest',
      header: 'yes',
      user: {id: 7},
      id: expect.stringMatching(/^[\w-]{22}$/),
      state: 0,
      clients: 0,
      aborted: false,
    })
  })

  it('sends, joins and listens once accepted, before the handler', async () => {
    const {app} = await serve()
    app.Route.use(first).ws('/x', handler, free)
    const a = await connect(app, '/x', {token: false})
    expect(await a.take(4)).toEqual(['from middleware', Buffer.from('bytes'), 'to the room', ['lobby']])
    a.send('hi')
    expect(await a.take(2)).toEqual(['heard in middleware', 'heard in handler'])
    app.Route.wsServer.toRoom('lobby', 'hello room')
    expect(await a.next()).toBe('hello room')
  })

  it('does nothing of it where the handshake is refused', async () => {
    const {app, port} = await serve()
    app.Route.ws('/watch', Candy => void Candy.ws.join('lobby'), free)
    app.Route.use(shout).ws('/x', () => undefined, free)
    const watcher = await connect(app, '/watch', {token: false})
    expect((await ask(port, handshake('/x'))).close?.code).toBe(4003)
    app.Route.wsServer.toRoom('mine', 'nobody is here')
    app.Route.wsServer.toRoom('lobby', 'after')
    expect(await watcher.next()).toBe('after')
  })
})

describe('2. The handshake: Candy.ws.close() in middleware is the verdict', () => {
  it.each([
    ['a code of your own', (Candy: Candy) => Candy.ws.close(4321, 'mine'), {code: 4321, reason: 'mine'}],
    ['1000 by default', (Candy: Candy) => Candy.ws.close(), {code: 1000, reason: ''}],
    [
      'whatever is returned then',
      (Candy: Candy) => {
        Candy.ws.close(4321, 'mine')
        return true
      },
      {code: 4321, reason: 'mine'},
    ],
    [
      'the first of two',
      (Candy: Candy) => {
        Candy.ws.close(4321, 'first')
        Candy.ws.close(4322, 'second')
        return Candy.ws.send('never') ? false : undefined
      },
      {code: 4321, reason: 'first'},
    ],
    [
      'a reason cut at 123 bytes',
      (Candy: Candy) => Candy.ws.close(4321, 'é'.repeat(62)),
      {code: 4321, reason: 'é'.repeat(61)},
    ],
    [
      '1011 for a code that is none',
      (Candy: Candy) => Candy.ws.close(1005),
      {code: 1011, reason: 'Internal error'},
    ],
    [
      'a close right after the answer',
      (Candy: Candy) => queueMicrotask(() => queueMicrotask(() => Candy.ws.close(4321, 'late'))),
      {code: 4321, reason: 'late'},
    ],
  ])('%s', async (_name, guard, close) => {
    let reached = 0
    const {app, port} = await serve()
    app.Route.use(guard).ws('/x', () => (reached += 1), free)
    expect((await ask(port, handshake('/x'))).close).toEqual(close)
    expect(reached).toBe(0)
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })
})

const by = (name: string) => (Candy: Candy) => {
  Candy.ws.data.by = [...((Candy.ws.data.by as string[]) ?? []), name]
}

const mark = (name: string) => `Candy => { Candy.ws.data.by = [...(Candy.ws.data.by ?? []), '${name}'] }`

describe('2. The handshake: where middleware comes from', () => {
  it('is a file, by default export or module.exports, a registered name, a function', async () => {
    const dir = makeFolder({
      'package.json': '{"type": "module"}',
      'middleware/js.js': `export default ${mark('js')}`,
      'middleware/mjs.mjs': `export default ${mark('mjs')}`,
      'middleware/cjs.cjs': `module.exports = ${mark('cjs')}`,
      'middleware/ts.ts': `export default ${mark('ts')}`,
      'web/package.json': '{"type": "commonjs"}',
      'web/middleware/web.js': `module.exports = async ${mark('web')}`,
      'middleware/both.js': `export default ${mark('the file')}`,
    })
    const {app} = await serve({dir, middleware: {option: by('option'), both: by('the option')}})
    app.use('used', by('used'))
    app.Route.use('js', 'mjs', 'cjs', 'ts', 'web', 'option', 'both', 'used', by('function')).ws(
      '/x',
      Candy => Candy.ws.send(Candy.ws.data.by),
      free,
    )
    const a = await connect(app, '/x', {token: false})
    expect(await a.next()).toEqual([
      'js',
      'mjs',
      'cjs',
      'ts',
      'web',
      'option',
      'the option',
      'used',
      'function',
    ])
  })

  it('serves the routes added after it: app.use() changes none before', async () => {
    const {app, port} = await serve({middleware: {guard: () => false}})
    app.Route.use('guard').ws('/before', Candy => Candy.ws.close(), free)
    app.use('guard', () => true)
    app.Route.use('guard').ws('/after', Candy => Candy.ws.close(), free)
    expect((await ask(port, handshake('/before'))).close?.code).toBe(4003)
    expect((await ask(port, handshake('/after'))).close?.code).toBe(1000)
  })

  it('is an injectable class with handle(), made by the app, one of it', async () => {
    @singleton()
    class Visits {
      count = 0
    }
    @injectable()
    class Counts {
      readonly own = {count: 0}
      constructor(readonly visits: Visits) {}
      async handle(candy: Candy) {
        this.visits.count += 1
        this.own.count += 1
        candy.ws.send([this.visits.count, this.own.count])
        return candy.Request.data.get.no === undefined
      }
    }
    const {app, port} = await serve()
    app.Route.use(Counts).ws('/x', () => undefined, free)
    app
      .use('counts', Counts)
      .Route.use('counts')
      .ws('/named', () => undefined, free)
    expect(await (await connect(app, '/x', {token: false})).next()).toEqual([1, 1])
    expect(await (await connect(app, '/x', {token: false})).next()).toEqual([2, 2])
    expect((await ask(port, handshake('/x?no'))).close?.code).toBe(4003)
    expect(await (await connect(app, '/named', {token: false})).next()).toContain(4)
  })

  it('refuses a class that wants Candy injected, at boot', async () => {
    @injectable()
    class Greedy {
      constructor(readonly candy: Candy) {}
      handle() {
        return true
      }
    }
    const booting = createApp({routes: [root => root.Route.use(Greedy).ws('/x', () => undefined)]})
    await expect(booting).rejects.toThrow(BootError)
    await expect(booting).rejects.toThrow(/middleware\.test\.ts:\d+ .*Greedy.*Candy/)
  })
})
