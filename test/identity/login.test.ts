import {CandyError, type App, type Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {accounts, endsSoon, logIn, whoIs, whoIsOn} from '../support/accounts.js'
import {ask} from '../support/ask.js'
import {Browser} from '../support/browser.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const ada = {id: 1, name: 'Ada'}
const bob = {id: 2, name: 'Bob'}

/** A site with a login, and a POST route of the test's own at `/do`. */
async function site(handler: (candy: Candy) => unknown = () => undefined, declare?: (app: App) => void) {
  const served = await serve({routes: [accounts]}, app => {
    app.Route.post('/do', handler)
    declare?.(app)
  })
  return {...served, a: new Browser(served.url)}
}

class Account {
  readonly id = 'ada'
  readonly since = new Date(0)
  readonly secret = 'not for cookies'
  toJSON() {
    return {id: this.id, since: this.since}
  }
}

const cycle: Record<string, unknown> = {id: 1}
cycle.self = cycle

describe('6. Candy.Auth.login(user)', () => {
  it.each([
    [{id: 0}],
    [{id: '0'}],
    [{id: -1.5}],
    [{id: 'Ünïcödé 🎉 \u2028 "quoted"; path=/'}],
    [{id: '\ud800'}],
    [JSON.parse('{"id": 1, "__proto__": {"admin": true}}')],
    [{id: 1, roles: ['a', {b: null}], since: 'today'}],
  ])('takes any JSON with an id: %j', async user => {
    const {a} = await site(Candy => Candy.Auth.login(user))
    await a.post('/do')
    expect((await a.get('/me')).text).toBe(JSON.stringify(user))
    expect(await whoIs(a)).toEqual(user)
    expect(JSON.stringify(await whoIsOn(await a.connect('/live')))).toBe(JSON.stringify(user))
  })

  it('keeps the user as JSON has it, from then on', async () => {
    const {a} = await site(async Candy => {
      const account = new Account()
      Candy.Auth.login(account)
      return [await Candy.Auth.user(), await Candy.Auth.check(), Candy.ws.user]
    })
    const kept = {id: 'ada', since: '1970-01-01T00:00:00.000Z'}
    expect((await a.post('/do')).json()).toEqual([kept, true, kept])
    expect(await whoIs(a)).toEqual(kept)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'ada'],
    ['a number', 7],
    ['a list', [1]],
    ['a function', () => undefined],
    ['no id', {name: 'Ada'}],
    ['an empty id', {id: ''}],
    ['id: null', {id: null}],
    ['id: true', {id: true}],
    ['id: an object', {id: {}}],
    ['id: NaN', {id: Number.NaN}],
    ['id: Infinity', {id: Infinity}],
    ['id: a bigint', {id: 1n}],
    ['id: a symbol', {id: Symbol('id')}],
    ['a cycle', cycle],
    ['2,601 bytes', {id: 1, name: 'x'.repeat(2_601 - '{"id":1,"name":""}'.length)}],
    ['2,601 bytes in fewer characters', {id: 1, name: 'ü'.repeat(1_292)}],
  ])('throws a TypeError for %s, and changes nothing', async (_, user) => {
    let thrown: unknown
    const {a} = await site(Candy => {
      try {
        Candy.Auth.login(user as never)
      } catch (error) {
        thrown = error
      }
    })
    await logIn(a, ada)
    const session = a.session
    expect((await a.post('/do')).setCookies).toEqual([])
    expect(thrown).toBeInstanceOf(TypeError)
    expect(a.session).toBe(session)
    expect(await whoIs(a)).toEqual(ada)
  })

  it('is seen by the rest of the handler, whose token is one of the new session', async () => {
    const {a} = await site(async Candy => {
      const before = Candy.token()
      Candy.Auth.login(ada)
      const token = Candy.token()
      return {
        token,
        user: await Candy.Auth.user(),
        check: await Candy.Auth.check(),
        good: Candy.token(token),
        old: Candy.token(before),
      }
    })
    const {token, ...rest} = (await a.post('/do')).json() as {token: string}
    expect(rest).toEqual({user: ada, check: true, good: true, old: false})
    expect(await whoIsOn(await a.connect('/live', {token}))).toEqual(ada)
    expect((await a.post('/logout', {}, {token})).status).toBe(204)
  })

  it('takes effect with the answer: until then the old session lives', async () => {
    const [entered, release] = [signal(), signal()]
    const {a} = await site(async Candy => {
      Candy.Auth.login(bob)
      entered.fire()
      await release.fired
    })
    await logIn(a, ada)
    const live = await a.connect('/live')
    const other = a.copy()
    const answering = a.post('/do')
    await entered.fired
    expect(await whoIsOn(live)).toEqual(ada)
    expect(await whoIs(other)).toEqual(ada)
    const ends = endsSoon(live)
    release.fire()
    await ends
    await answering
    expect(await whoIs(other)).toBeNull()
    expect(await whoIs(a)).toEqual(bob)
  })

  it('goes out with whatever is answered: a redirect, a page, a middleware', async () => {
    const {a} = await site(
      Candy => {
        Candy.Auth.login(ada)
        return Response.redirect('http://127.0.0.1/', 303)
      },
      ({Route}) => {
        Route.page('/link', Candy => (Candy.Auth.login(bob), 'welcome'))
        Route.use(Candy => Candy.Auth.login({id: 3})).page('/used', Candy => Candy.Auth.user())
      },
    )
    expect((await a.post('/do')).status).toBe(303)
    expect(await whoIs(a)).toEqual(ada)
    expect((await a.get('/link')).text).toBe('welcome')
    expect(await whoIs(a)).toEqual(bob)
    expect((await a.get('/used')).json()).toEqual({id: 3})
    expect(await whoIs(a)).toEqual({id: 3})
  })
})

describe('6. login() and logout() in one handler', () => {
  it.each([
    ['login, then logout', [ada, null], null],
    ['logout, then login', [null, ada], ada],
    ['two logins', [ada, bob], bob],
    ['login, logout, login', [ada, null, bob], bob],
    ['two logouts', [null, null], null],
  ])('the last one counts, and the session of before has ended: %s', async (_, steps, then) => {
    const {a} = await site(async Candy => {
      for (const user of steps)
        if (user) Candy.Auth.login(user)
        else Candy.Auth.logout()
      return Response.json(await Candy.Auth.user())
    })
    await logIn(a, {id: 9})
    const old = a.copy()
    const live = await a.connect('/live')
    const ends = endsSoon(live)
    const answer = await a.post('/do')
    await ends
    expect(answer.json()).toEqual(then)
    expect(answer.setCookies.filter(line => line.startsWith('candy_session='))).toHaveLength(1)
    expect(answer.setCookies.filter(line => line.startsWith('candy_user='))).toHaveLength(1)
    expect(await whoIs(a)).toEqual(then)
    expect(await whoIs(old)).toBeNull()
    expect(a.session).not.toBe(old.session)
  })
})

describe('6. A handler that throws', () => {
  it.each([
    [
      'throws',
      500,
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', 500, () => Promise.reject(new Error('no'))],
    [
      'throws a CandyError',
      400,
      () => {
        throw new CandyError('LATER', 'Not now')
      },
    ],
    ['returns what has no JSON', 500, () => Symbol('no')],
  ] as const)('has logged nobody in, and ended nothing: it %s', async (_, status, then) => {
    const {a} = await site(Candy => {
      Candy.Auth.login(bob)
      return then()
    })
    await logIn(a, ada)
    const live = await a.connect('/live')
    const session = a.session
    const answer = await a.post('/do')
    expect([answer.status, answer.setCookies]).toEqual([status, []])
    expect(a.session).toBe(session)
    expect(await whoIs(a)).toEqual(ada)
    expect(await whoIsOn(live)).toEqual(ada)
  })

  it('has logged out all the same', async () => {
    const {a} = await site(Candy => {
      Candy.Auth.logout()
      throw new Error('no')
    })
    await logIn(a, ada)
    const live = await a.connect('/live')
    const ends = endsSoon(live)
    expect((await a.post('/do')).status).toBe(500)
    await ends
    expect(await whoIs(a)).toBeNull()
    expect((await a.get('/private')).status).toBe(401)
    await logIn(a, ada)
    expect(await whoIs(a)).toEqual(ada)
  })
})

describe('6. login() where no answer could carry its cookie', () => {
  it('throws in a message handler, typed or not: the connection stays, and nobody is logged in', async () => {
    const {a, log} = await site(undefined, ({Route}) =>
      Route.ws('/in', Candy => {
        Candy.ws.on('login', Object, () => Candy.Auth.login(ada))
        Candy.ws.on('end', Object, async () => Candy.Auth.user())
        Candy.ws.on('message', data => {
          if (data === 'login') Candy.Auth.login(ada)
        })
      }),
    )
    const live = await a.connect('/in')
    expect(await ask(live, {type: 'login', ref: 1})).toEqual([
      {type: 'error', ref: 1, code: 'INTERNAL', message: 'Internal error'},
    ])
    expect(await ask(live, 'login')).toEqual([])
    const lines = log.errors()
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line.error).toContain('Candy.Auth.login() needs an answer')
    live.send({type: 'end', ref: 1})
    expect(await live.next()).toEqual({type: 'reply', ref: 1, data: null})
    expect(await whoIs(a)).toBeNull()
  })

  it('throws in the middleware of a handshake, which is closed with 1011', async () => {
    const {a, log} = await site(undefined, ({Route}) =>
      Route.use(Candy => Candy.Auth.login(ada)).ws('/in', () => undefined),
    )
    expect(await (await a.connect('/in')).closed).toEqual({code: 1011, reason: 'Internal error'})
    expect(log.errors()).toMatchObject([
      {error: expect.stringContaining('Candy.Auth.login() needs an answer')},
    ])
    expect(await whoIs(a)).toBeNull()
  })

  it('throws once the answer is on its way, and so does a token for a session that could not begin', async () => {
    let candy: Candy | undefined
    const {a} = await site(undefined, ({Route}) => Route.page('/late', Candy => ((candy = Candy), 'gone')))
    expect((await a.get('/late')).text).toBe('gone')
    expect(() => candy!.token()).toThrow('too late')
    expect(() => candy!.Auth.login(ada)).toThrow('Candy.Auth.login() comes too late')
    expect(await candy!.Auth.user()).toBeNull()
    await logIn(a, bob)
    await a.get('/late')
    expect(() => candy!.Auth.login(ada)).toThrow('too late')
    expect(await candy!.Auth.user()).toEqual(bob)
    expect(await whoIs(a)).toEqual(bob)
    // A logout needs no cookie.
    candy!.Auth.logout()
    expect(await whoIs(a)).toBeNull()
  })
})

describe('6. login() and logout() with an auth function of your own', () => {
  it('renew the session, end what the old one had, and keep the user out of cookies', async () => {
    const [users, large] = [new Map<string, {id: number}>(), {id: 1, blob: 'x'.repeat(10_000)}]
    const {url} = await serve({auth: request => users.get(request.cookie('sid') ?? '') ?? null}, app => {
      accounts(app)
      app.Route.post('/do', Candy => Candy.Auth.login(large))
    })
    const a = new Browser(url).plant('sid', 'x')
    const before = (await a.token(), a.session)
    const live = await a.connect('/open')
    const ends = endsSoon(live)
    const login = await a.post('/do')
    expect(login.status).toBe(204)
    await ends
    expect(login.setCookies).toEqual([
      expect.stringMatching(/^candy_session=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(a.session).not.toBe(before)
    // Who it is, is the function's to say.
    expect(await whoIs(a)).toBeNull()
    users.set('x', {id: 1})
    expect(await whoIs(a)).toEqual({id: 1})

    const known = await a.connect('/live')
    const knownEnds = endsSoon(known)
    const logout = await a.post('/logout')
    await knownEnds
    expect(logout.setCookies).toHaveLength(1)
    expect(await whoIs(a)).toEqual({id: 1})
  })

  it('take no sealed cookie for a user', async () => {
    const sealing = await serve({routes: [accounts]})
    const own = await serve({auth: () => null, routes: [accounts]})
    const a = new Browser(sealing.url)
    await logIn(a, ada)
    const b = new Browser(own.url, {}, a.cookies)
    expect(await whoIs(b)).toBeNull()
  })
})

describe('6. Candy.Auth.setUser(user)', () => {
  it('sets the user from then on, for this request alone', async () => {
    const {a} = await site(async Candy => {
      Candy.Auth.setUser(bob)
      return [await Candy.Auth.user(), await Candy.Auth.check(), Candy.ws.user]
    })
    expect((await a.post('/do')).json()).toEqual([bob, true, bob])
    expect(await whoIs(a)).toBeNull()
  })

  it.each([null, undefined])('with %s is nobody', async nobody => {
    const {a} = await site(
      async Candy => {
        Candy.Auth.setUser(nobody)
        return [await Candy.Auth.user(), await Candy.Auth.check(), Candy.ws.user]
      },
      ({Route}) =>
        Route.auth
          .use(Candy => Candy.Auth.setUser(nobody))
          .ws('/said', Candy => Candy.ws.send([Candy.ws.user])),
    )
    await logIn(a, ada)
    expect((await a.post('/do')).json()).toEqual([null, false, null])
    expect(await (await a.connect('/said')).next()).toEqual([null])
  })
})
