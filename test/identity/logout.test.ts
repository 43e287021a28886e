import {Candy, createApp, OnMessage, WsRoute, type App} from 'candy-ws'
import {mount} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {accounts, endsSoon, logIn, unauthorized, whoIs, whoIsOn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {memoryLogger} from '../support/log.js'
import {heldBy, nothing, serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const ada = {id: 1, name: 'Ada'}
const free = {token: false} as const

describe('6. Candy.Auth.logout() on a WebSocket', () => {
  it('closes the connection whose handler calls it at once', async () => {
    const {app, url} = await serve({routes: [accounts]})
    app.Route.auth.ws('/leave', Candy => Candy.Auth.logout())
    const a = new Browser(url)
    await logIn(a, ada)
    await endsSoon(await a.connect('/leave'))
    expect(await whoIs(a)).toBeNull()
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('closes it also where the browser has no session', async () => {
    const auth = () => ({id: 1})
    const {app, url} = await serve({auth}, ({Route}) =>
      Route.auth.ws('/live', Candy => Candy.ws.on('message', () => Candy.Auth.logout()), free),
    )
    const a = await new Browser(url).connect('/live', {token: false})
    a.send('out')
    await endsSoon(a)
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it('in a middleware refuses the handshake', async () => {
    const opened: string[] = []
    const {url} = await serve({routes: [accounts]}, ({Route}) =>
      Route.auth.use(Candy => Candy.Auth.logout()).ws('/leave', Candy => void opened.push(Candy.ws.id)),
    )
    const a = new Browser(url)
    await logIn(a, ada)
    expect(await (await a.connect('/leave')).closed).toEqual(unauthorized)
    expect(await whoIs(a)).toBeNull()
    expect(opened).toEqual([])
  })

  it('closes a mounted controller too, which has no port', async () => {
    @WsRoute('/room')
    class Room {
      @OnMessage('leave') leave(candy: Candy) {
        candy.Auth.logout()
      }
    }
    const {client, app} = await mount(Room, {user: {id: 1, name: 'Ada'}})
    client.send({type: 'leave'})
    await endsSoon(client)
    await app.close()
  })
})

describe('6. A logout elsewhere while a handshake is under way', () => {
  /** A socket whose middleware is busy, and the browser that offers it. */
  async function busy(path: string, declare: (app: App, busy: () => Promise<void>) => void) {
    const [entered, release] = [signal(), signal()]
    const served = await serve({routes: [accounts]}, app =>
      declare(app, async () => {
        entered.fire()
        await release.fired
      }),
    )
    const a = new Browser(served.url)
    await logIn(a, ada)
    const token = await a.token()
    const connecting = a.connect(path, {token})
    await entered.fired
    return {...served, a, connecting, release: () => release.fire()}
  }

  it.each(['logout', 'another login', 'revoke of the session', 'revoke of the user'])(
    'never lets the connection open: %s',
    async how => {
      let opened = 0
      const {a, app, connecting, release} = await busy('/busy', ({Route}, wait) =>
        Route.auth.use(wait).ws('/busy', () => (opened += 1)),
      )
      if (how === 'logout') await a.post('/logout')
      else if (how === 'another login') await logIn(a, {id: 2})
      else app.revoke(how === 'revoke of the user' ? {user: '1'} : {session: a.session!})
      release()
      expect(await (await connecting).closed).toEqual(unauthorized)
      expect(opened).toBe(0)
      await expect.poll(() => heldBy(app)).toEqual(nothing)
    },
  )

  it('counts where the route asks for no user, too', async () => {
    const {a, connecting, release} = await busy('/busy', ({Route}, wait) =>
      Route.use(wait).ws('/busy', () => undefined),
    )
    await a.post('/logout')
    release()
    expect(await (await connecting).closed).toEqual(unauthorized)
  })

  it('counts while the connect handler is busy', async () => {
    const {a, connecting, release} = await busy('/busy', ({Route}, wait) => Route.auth.ws('/busy', wait))
    const live = await connecting
    const ends = endsSoon(live)
    await a.post('/logout')
    await ends
    release()
  })

  it("is not another user's concern", async () => {
    const {app, connecting, release} = await busy('/busy', ({Route}, wait) =>
      Route.auth.use(wait).ws('/busy', Candy => Candy.ws.on('message', () => Candy.ws.send({user: 'here'}))),
    )
    app.revoke({user: 2})
    app.revoke({session: 'A'.repeat(22)})
    release()
    expect(await whoIsOn(await connecting)).toBe('here')
  })
})

describe('6. app.revoke()', () => {
  it('of a user closes their sockets everywhere, and refuses what was issued to them', async () => {
    const {app, url} = await serve({routes: [accounts]})
    const [a, b, c] = [new Browser(url), new Browser(url), new Browser(url)]
    for (const browser of [a, b]) await logIn(browser, {id: '7', name: 'Ada'})
    await logIn(c, {id: 70})
    const theirs = [await a.connect('/live'), await a.connect('/open'), await b.connect('/live')]
    const other = await c.connect('/live')
    await Promise.all([...theirs, other].map(whoIsOn))
    const ends = Promise.all(theirs.map(endsSoon))
    app.revoke({user: 7})
    await ends
    for (const browser of [a, b]) {
      expect(await whoIs(browser)).toBeNull()
      expect((await browser.get('/private')).status).toBe(401)
      expect(await (await browser.connect('/live')).closed).toEqual(unauthorized)
    }
    expect(await whoIsOn(other)).toEqual({id: 70})
  })

  it('of a user refuses the session, its tokens and its cookie also where no socket of it is open', async () => {
    const {app, url} = await serve({routes: [accounts]}, ({Route}) => Route.post('/x', () => 'in'))
    const a = new Browser(url)
    await logIn(a, ada)
    const token = await a.token()
    const [page, socket] = [a.copy(), a.copy()]
    app.revoke({user: ada.id})
    expect((await page.post('/x', {}, {token})).status).toBe(403)
    expect(await (await socket.connect('/open', {token})).closed).toEqual({
      code: 4002,
      reason: 'Invalid token',
    })
    const renewed = await a.get('/_candy/token')
    expect(renewed.setCookies).toEqual([expect.stringMatching(/^candy_session=/)])
    expect((await a.post('/x', {}, {token})).status).toBe(403)
    expect((await a.post('/x', {})).status).toBe(200)
    expect(await whoIsOn(await a.connect('/open'))).toBeNull()
  })

  it('of a user leaves their session alone that began after it, and those of others', async () => {
    const {app, url} = await serve({routes: [accounts]})
    const [a, b] = [new Browser(url), new Browser(url)]
    await logIn(b, {id: 70})
    app.revoke({user: ada.id})
    await logIn(a, ada)
    for (const browser of [a, b]) {
      const token = await browser.token()
      expect((await browser.get('/_candy/token')).setCookies).toEqual([])
      expect(await whoIsOn(await browser.connect('/live', {token}))).not.toBeNull()
    }
  })

  it('knows 7 and "7" as one', async () => {
    const {app, url} = await serve({routes: [accounts]})
    for (const [id, key] of [
      [7, '7'],
      ['7', 7],
    ] as const) {
      const a = new Browser(url)
      await logIn(a, {id})
      const live = await a.connect('/live')
      expect(await whoIsOn(live)).toEqual({id})
      const ends = endsSoon(live)
      app.revoke({user: key})
      await ends
      expect(await whoIs(a)).toBeNull()
    }
  })

  it('of a user finds sockets whose user nobody has asked for', async () => {
    const {app, url} = await serve({routes: [accounts]})
    const [a, b] = [new Browser(url), new Browser(url)]
    await logIn(a, ada)
    await logIn(b, {id: 2})
    const [theirs, other] = [await a.connect('/open'), await b.connect('/open')]
    expect([await whoIsOn(theirs), await whoIsOn(other)]).toEqual([null, null])
    const ends = endsSoon(theirs)
    app.revoke({user: 1})
    await ends
    expect(await whoIsOn(other)).toBeNull()
  })

  it('of a session closes that browser alone', async () => {
    const {app, url} = await serve({routes: [accounts]})
    const [a, b] = [new Browser(url), new Browser(url)]
    for (const browser of [a, b]) await logIn(browser, ada)
    const [one, two] = [await a.connect('/live'), await b.connect('/live')]
    await Promise.all([one, two].map(whoIsOn))
    const ends = endsSoon(one)
    app.revoke({session: a.session!})
    await ends
    expect(await whoIs(a)).toBeNull()
    expect(await whoIs(b)).toEqual(ada)
    expect(await whoIsOn(two)).toEqual(ada)
  })

  it('finds the user of a seal that nobody asked about, beside a socket of whom a middleware said', async () => {
    const {app, url} = await serve({routes: [accounts]}, ({Route}) =>
      Route.use(Candy => Candy.Auth.setUser({id: 'a customer'})).ws('/as', () => undefined),
    )
    const a = new Browser(url)
    await logIn(a, ada)
    const clients = [await a.connect('/as'), await a.connect('/open')]
    expect(await whoIsOn(clients[1]!)).toBeNull()
    const ends = Promise.all(clients.map(endsSoon))
    app.revoke({user: ada.id})
    await ends
  })

  it('leaves logging in anew to work at once', async () => {
    const {app, url} = await serve({routes: [accounts]})
    const a = new Browser(url)
    for (let time = 0; time < 3; time += 1) {
      await logIn(a, ada)
      expect(await whoIsOn(await a.connect('/live'))).toEqual(ada)
      app.revoke({user: ada.id})
      expect(await whoIs(a)).toBeNull()
    }
  })

  it.each(['logout', 'revoke of the session', 'revoke of the user'])(
    'is forgotten by a restart, with nobody else to remember it: %s',
    async how => {
      const secret = 'the secret of before and after a restart, of 32'
      const {app, url} = await serve({secret, routes: [accounts]})
      const a = new Browser(url)
      await logIn(a, ada)
      const copied = a.copy()
      if (how === 'logout') await a.post('/logout')
      else app.revoke(how === 'revoke of the user' ? {user: 1} : {session: a.session!})
      expect(await whoIs(copied.copy())).toBeNull()
      await app.close()
      const restarted = await serve({secret, routes: [accounts]})
      expect(await whoIs(new Browser(restarted.url, {}, copied.cookies))).toEqual(ada)
    },
  )

  it('closes a thousand sockets of one user, and keeps nothing of them', {timeout: 30_000}, async () => {
    const limits = {maxPerIp: 'off', maxPerUser: 'off', acceptRate: 'off'} as const
    const {app, url} = await serve({routes: [accounts], limits})
    const a = new Browser(url)
    await logIn(a, ada)
    const token = await a.token()
    const clients = []
    for (let opened = 0; opened < 1_000; opened += 100)
      clients.push(...(await Promise.all(Array.from({length: 100}, () => a.connect('/live', {token})))))
    expect(heldBy(app).clients).toBe(1_000)
    app.revoke({user: 1})
    const codes = await Promise.all(clients.map(async ({closed}) => (await closed).code))
    expect(new Set(codes)).toEqual(new Set([4001]))
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })

  it.each([
    undefined,
    null,
    {},
    'a-session',
    7,
    {session: ''},
    {session: 7},
    {session: null},
    {user: ''},
    {user: null},
    {user: Number.NaN},
    {user: {id: 7}},
    {session: 's', user: 7},
  ])('throws a TypeError that says what it takes, for %j', async whose => {
    const app = await createApp({logger: memoryLogger()})
    expect(() => app.revoke(whose as never)).toThrow(TypeError)
    expect(() => app.revoke(whose as never)).toThrow('revoke() takes {session}')
    await app.close()
  })
})

describe('6. app.revoke() with an auth function of your own', () => {
  const auth = (request: {header(name: string): string | undefined}) => {
    const id = request.header('x-user')
    return id === undefined ? null : {id}
  }

  it('closes the sockets and refuses the session; who the user is, your function still says', async () => {
    const {app, url} = await serve({auth, routes: [accounts]})
    const a = new Browser(url, {'x-user': '7'})
    const token = await a.token()
    const old = a.copy()
    const live = await a.connect('/live', {token})
    expect(await whoIsOn(live)).toEqual({id: '7'})
    const ends = endsSoon(live)
    app.revoke({user: 7})
    await ends
    const invalid = {code: 4002, reason: 'Invalid token'}
    expect(await (await old.connect('/live', {token})).closed).toEqual(invalid)
    expect((await old.post('/logout', {}, {token})).status).toBe(403)
    expect(await whoIs(old)).toEqual({id: '7'})
    expect(await whoIsOn(await a.connect('/live'))).toEqual({id: '7'})
  })

  it('does not affect a handshake after it, even within the same millisecond', async () => {
    const {app, url} = await serve({auth, routes: [accounts]})
    const a = new Browser(url, {'x-user': '7'})
    // More of them than milliseconds that the handshake takes.
    for (let time = 0; time < 5_000; time += 1) app.revoke({user: 7})
    expect(await whoIsOn(await a.connect('/live'))).toEqual({id: '7'})
  })

  it('closes a socket whose user was being asked for meanwhile', async () => {
    const [asked, answer] = [signal(), signal<{id: number}>()]
    const slow = () => {
      asked.fire()
      return answer.fired
    }
    const {app, url} = await serve({auth: slow, routes: [accounts]})
    const live = await new Browser(url).connect('/open')
    live.send('ask')
    await asked.fired
    const ends = endsSoon(live)
    app.revoke({user: 7})
    answer.fire({id: 7})
    await ends
  })

  it('finds users set by setUser() in a middleware', async () => {
    const {app, url} = await serve({}, ({Route}) =>
      Route.use(Candy => Candy.Auth.setUser({id: 7})).ws('/said', () => undefined, free),
    )
    const live = await new Browser(url).connect('/said', {token: false})
    const ends = endsSoon(live)
    app.revoke({user: '7'})
    await ends
  })

  it('does not refuse a user whom setUser() sets after the revocation, whoever the sealed cookie names', async () => {
    const {app, url} = await serve({routes: [accounts]})
    app.Route.auth
      .use(Candy => Candy.Auth.setUser({id: 'support'}))
      .ws('/as', Candy => Candy.ws.on('message', () => Candy.ws.send({user: Candy.ws.user})))
    const a = new Browser(url)
    await logIn(a, ada)
    app.revoke({user: 'support'})
    expect(await whoIsOn(await a.connect('/as'))).toEqual({id: 'support'})
  })
})
