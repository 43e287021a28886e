import {
  Candy,
  OnOpen,
  User,
  WsRoute,
  Auth,
  Token,
  type AppOptions,
  type AuthFunction,
  type CandyUser,
} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {Browser} from '../support/browser.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const ada = {id: 1, name: 'Ada'}
const free = {token: false} as const

/** An app whose `auth` is counted. */
async function counted(...answer: [CandyUser | null | undefined] | []) {
  const user = answer.length > 0 ? answer[0] : ada
  const state = {asked: 0}
  const auth = () => {
    state.asked += 1
    return user
  }
  return {state, ...(await serve({auth}))}
}

describe('6. auth: fn | {user: fn, revalidate}', () => {
  it.each<[string, (fn: AuthFunction) => AppOptions['auth']]>([
    ['fn', fn => fn],
    ['{user: fn}', user => ({user})],
    ['{user: fn, revalidate}', user => ({user, revalidate: 60_000})],
  ])('%s gets the Candy.Request, and answers at once or by a promise', async (_, option) => {
    for (const answer of [ada, Promise.resolve(ada), null, Promise.resolve(null)]) {
      const [asked, seen]: [unknown[], unknown[]] = [[], []]
      const auth = option(request => (asked.push(request), answer))
      const {app, url} = await serve({auth}, ({Route}) => {
        const look = (Candy: Candy) => void seen.push(Candy.Request)
        Route.auth.use(look).page('/x', Candy => Candy.ws.user)
        Route.auth.use(look).ws('/x', Candy => Candy.ws.send({user: Candy.ws.user}), free)
      })
      const [page, socket] = [await new Browser(url).get('/x'), await connect(app, '/x', free)]
      if ((await answer) === null) {
        expect([page.status, await socket.closed]).toEqual([401, {code: 4001, reason: 'Unauthorized'}])
        expect([asked.length, seen]).toEqual([2, []])
      } else {
        expect([page.json(), await socket.next()]).toEqual([ada, {user: ada}])
        expect(asked).toHaveLength(2)
        for (const [at, request] of asked.entries()) expect(request).toBe(seen[at])
      }
    }
  })
})

describe('6. auth is asked at most once', () => {
  it('per handshake, whoever wants to know: route, middleware, handler, messages', async () => {
    const {state, app} = await counted()
    app.Route.auth
      .use(async Candy => (await Candy.Auth.check()) && (await Candy.Auth.user()) !== null)
      .ws(
        '/x',
        async Candy => {
          Candy.ws.on('message', async () => Candy.ws.send({user: await Candy.Auth.user()}))
          await Promise.all([Candy.Auth.user(), Candy.Auth.check(), Candy.Auth.user()])
        },
        free,
      )
    const a = await connect(app, '/x', free)
    a.send(1)
    expect(await a.next()).toEqual({user: ada})
    expect(state.asked).toBe(1)
    await connect(app, '/x', free)
    expect(state.asked).toBe(2)
  })

  it('per handshake of a class, by @User() and @Auth() alike', async () => {
    const state = {asked: 0}
    @WsRoute('/x')
    @Token(false)
    @Auth()
    class Room {
      @OnOpen() async opened(@User() user: unknown, candy: Candy) {
        candy.ws.send({user, again: await candy.Auth.user()})
      }
    }
    const {app} = await serve({auth: () => ((state.asked += 1), ada), controllers: [Room]})
    expect(await (await connect(app, '/x', free)).next()).toEqual({user: ada, again: ada})
    expect(state.asked).toBe(1)
  })

  it('per HTTP request, and not for the token', async () => {
    const {state, app, url} = await counted()
    app.Route.auth
      .use(async Candy => Candy.Auth.check())
      .page('/x', async Candy => {
        const [user] = await Promise.all([Candy.Auth.user(), Candy.Auth.check()])
        return {user, sync: Candy.ws.user}
      })
    app.Route.page('/nobody', Candy => ({sync: Candy.ws.user}))
    const a = new Browser(url)
    expect((await a.get('/x')).json()).toEqual({user: ada, sync: ada})
    expect(state.asked).toBe(1)
    await a.token()
    expect((await a.get('/nobody')).json()).toEqual({sync: null})
    expect(state.asked).toBe(1)
  })

  it('and never again after it threw', async () => {
    let asked = 0
    const auth = () => {
      asked += 1
      throw new Error('no database')
    }
    const {app, url, log} = await serve({auth}, ({Route}) =>
      Route.page('/x', async Candy => {
        const twice = await Promise.allSettled([Candy.Auth.user(), Candy.Auth.check()])
        return twice.map(({status}) => status)
      }),
    )
    const a = new Browser(url)
    expect((await a.get('/x')).json()).toEqual(['rejected', 'rejected'])
    expect(asked).toBe(1)
    app.Route.auth.page('/private', () => 'private')
    expect((await a.get('/private')).status).toBe(500)
    expect(log.errors()).toMatchObject([{route: '/private', error: 'Error: no database'}])
    expect((await a.get('/private')).text).not.toContain('database')
  })
})

describe('6. Candy.ws.user', () => {
  it('is known at once on an auth route, and elsewhere once somebody asked', async () => {
    const {app} = await counted()
    const handler = (Candy: Candy) => {
      Candy.ws.send({user: Candy.ws.user})
      Candy.ws.on('message', async () => {
        const asking = Candy.Auth.user()
        const [before, , after] = [Candy.ws.user, await asking, Candy.ws.user]
        Candy.ws.send([before, after])
      })
    }
    app.Route.auth.ws('/auth', handler, free)
    app.Route.ws('/free', handler, free)
    for (const [path, first] of [
      ['/auth', ada],
      ['/free', null],
    ] as const) {
      const a = await connect(app, path, free)
      expect(await a.next()).toEqual({user: first})
      a.send(1)
      expect(await a.next()).toEqual([first, ada])
    }
  })

  it.each([null, undefined])('is null where auth says %s', async nobody => {
    const {app, url} = await counted(nobody)
    app.Route.ws(
      '/x',
      async Candy => Candy.ws.send([await Candy.Auth.user(), await Candy.Auth.check(), Candy.ws.user]),
      free,
    )
    app.Route.auth.ws('/auth', () => undefined, free)
    app.Route.auth.page('/private', () => 'private')
    expect(await (await connect(app, '/x', free)).next()).toEqual([null, false, null])
    expect(await (await connect(app, '/auth', free)).closed).toEqual({code: 4001, reason: 'Unauthorized'})
    expect((await new Browser(url).get('/private')).status).toBe(401)
  })

  it('is the user of setUser(), even if auth answers later', async () => {
    const [asked, answer] = [signal(), signal<CandyUser>()]
    const auth = () => {
      asked.fire()
      return answer.fired
    }
    const {app} = await serve({auth}, ({Route}) =>
      Route.ws(
        '/x',
        async Candy => {
          const asking = Candy.Auth.user()
          await asked.fired
          Candy.Auth.setUser({id: 2})
          answer.fire(ada)
          Candy.ws.send([await asking, await Candy.Auth.user(), Candy.ws.user])
        },
        free,
      ),
    )
    expect(await (await connect(app, '/x', free)).next()).toEqual([{id: 2}, {id: 2}, {id: 2}])
  })

  it('has a key that is String(user.id), so an id without one is the fault of auth', async () => {
    const {app, log} = await counted({id: Object.create(null) as string})
    app.Route.auth.ws('/x', () => undefined, free)
    expect((await (await connect(app, '/x', free)).closed).code).toBe(1011)
    expect(log.errors()).toHaveLength(1)
  })
})
