import {OnOpen, Token, WsRoute, type App, type Candy} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const free = {token: false} as const
const internal = {code: 1011, reason: 'Internal error'}

/** Errors that even their own text cannot be asked for. */
class Unreadable extends Error {
  override get message(): string {
    throw new TypeError('no message')
  }
}

type Thrower = () => unknown

const ways: Readonly<Record<string, Thrower>> = {
  throws: () => {
    throw new Error('pw=hunter2')
  },
  rejects: async () => {
    throw new Error('pw=hunter2')
  },
  'throws null': () => {
    throw null
  },
  'rejects with undefined': () => Promise.reject(undefined),
  'throws an error without a readable message': () => {
    throw new Unreadable()
  },
  'throws what has no string form': () => {
    throw Object.create(null)
  },
}

const places: Readonly<Record<string, (app: App, fails: Thrower) => void>> = {
  'the auth function': app => app.Route.auth.ws('/x/{id}', () => undefined, free),
  middleware: (app, fails) => app.Route.use(fails).ws('/x/{id}', () => undefined, free),
  'the connect handler': (app, fails) => app.Route.ws('/x/{id}', fails, free),
}

const table = Object.keys(places).flatMap(place => Object.keys(ways).map(way => [place, way] as const))

const answer = async (Candy: Candy) => {
  const known = Candy.ws.user
  await Promise.all([Candy.Auth.check(), Candy.Auth.user(), Candy.Auth.user()])
  Candy.ws.send({known, user: await Candy.Auth.user(), now: Candy.ws.user})
}

describe('2. The handshake: what throws is 1011 and one line of log', () => {
  it.each(table)('%s %s', async (place, way) => {
    const fails = ways[way]!
    const {app, port, log} = await serve({auth: fails as () => null})
    places[place]!(app, fails)
    app.Route.ws('/other', Candy => Candy.ws.on('message', data => Candy.ws.send(data)), free)
    const other = await connect(app, '/other', {token: false})

    const {close, headers} = await ask(port, handshake('/x/7?secret=1'))
    expect(close).toEqual(internal)
    expect([...headers].join()).not.toContain('hunter2')

    const errors = log.errors()
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({route: '/x/{id}', connection: expect.stringMatching(/^[\w-]{22}$/)})
    if (way === 'throws' || way === 'rejects') {
      expect(errors[0]!.error).toBe('Error: pw=hunter2')
      expect(errors[0]!.stack).toContain('throws.test')
    }
    expect(JSON.stringify(errors[0])).not.toContain('secret=1')

    other.send('still here')
    expect(await other.next()).toBe('still here')
    await expect.poll(() => heldBy(app)).toEqual({clients: 1, connections: 1, sockets: 1})
  })

  it('a constructor, and @OnOpen', async () => {
    @WsRoute('/constructor')
    @Token(false)
    class Constructor {
      constructor() {
        throw new Error('made badly')
      }
      @OnOpen() open() {}
    }
    @WsRoute('/open')
    @Token(false)
    class Open {
      @OnOpen() async open() {
        throw new Error('opened badly')
      }
    }
    const {app, port, log} = await serve({controllers: [Constructor, Open]})
    expect((await ask(port, handshake('/constructor'))).close).toEqual(internal)
    expect((await ask(port, handshake('/open'))).close).toEqual(internal)
    expect(log.errors()).toMatchObject([
      {route: '/constructor', error: 'Error: made badly', stack: expect.any(String)},
      {route: '/open', error: 'Error: opened badly', stack: expect.any(String)},
    ])
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('asks auth once per handshake, and at the first question where the route does not', async () => {
    let asked = 0
    const {app, port} = await serve({
      auth: async request => {
        asked += 1
        return request.header('x-user') === undefined ? null : {id: request.header('x-user')!}
      },
    })
    app.Route.auth.ws('/auth', answer, free)
    app.Route.ws('/free', answer, free)
    app.Route.ws('/none', () => undefined, free)
    const headers = {'x-user': 'ann'}
    const user = {id: 'ann'}

    const a = await connect(app, '/auth', {token: false, headers})
    expect(await a.next()).toEqual({known: user, user, now: user})
    expect(asked).toBe(1)
    const b = await connect(app, '/free', {token: false, headers})
    expect(await b.next()).toEqual({known: null, user, now: user})
    expect(asked).toBe(2)
    await connect(app, '/none', {token: false, headers})
    expect(asked).toBe(2)
    expect((await ask(port, handshake('/auth'))).close?.code).toBe(4001)
  })

  it('answers 503 when there is no verdict within the upgrade time, and ignores the late one', async () => {
    let tellUser!: (user: {id: number}) => void
    let refuse!: (error: Error) => void
    let late: Candy | undefined
    let handled = 0
    const {app, port, log} = await serve({
      limits: {upgradeTimeout: 60},
      auth: () => new Promise(resolve => (tellUser = resolve)),
    })
    app.Route.auth.ws('/auth', () => (handled += 1), free)
    const hang = (Candy: Candy) => {
      late = Candy
      return new Promise((_resolve, reject) => (refuse = reject))
    }
    app.Route.use(hang, () => (handled += 1)).ws('/middleware', () => (handled += 1), free)

    const answer = await ask(port, handshake('/auth'))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    tellUser({id: 1})
    expect((await ask(port, handshake('/middleware'))).status).toBe(503)
    expect(late!.signal.aborted).toBe(true)
    late!.ws.send('nobody hears it')
    late!.ws.join('nowhere')
    refuse(new Error('late'))
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(handled).toBe(0)
    expect(log.errors()).toEqual([])
  })
})
