import {CandyError, type AppOptions, type Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {serve} from '../support/serve.js'
import {cookiesOf, visitor} from '../support/visitor.js'

const auth: AppOptions['auth'] = () => ({id: 1})

const asking: [string, (candy: Candy) => unknown][] = [
  ['mints a token', Candy => Candy.token()],
  ['asks who the user is', async Candy => ((await Candy.Auth.user()) ? 'somebody' : 'nobody')],
  ['asks whether there is a user', async Candy => (await Candy.Auth.check()) && 'somebody'],
  [
    'asks for the user, and refuses',
    async Candy => {
      await Candy.Auth.check()
      throw new CandyError('NO')
    },
  ],
  [
    'asks for the user, and fails',
    async Candy => {
      await Candy.Auth.check()
      throw new Error('no')
    },
  ],
  ['says who the user is', Candy => Candy.Auth.setUser({id: 1})],
  ['logs in', Candy => Candy.Auth.login({id: 1})],
  ['logs out', Candy => Candy.Auth.logout()],
]

describe('7. no cache keeps what depends on who asked', () => {
  it.each(asking)('an answer that %s is no-store', async (_, handler) => {
    const {url} = await serve({auth}, ({Route}) => {
      Route.page('/handler', handler)
      Route.use(async Candy => void (await handler(Candy))).page('/middleware', () => 'in')
    })
    for (const path of ['/handler', '/middleware'])
      expect((await fetch(url + path)).headers.get('cache-control')).toBe('no-store')
  })

  it.each(['/page', '/get', '/post'])('nor what %s says to a user, or to nobody', async path => {
    const {url} = await serve({auth: request => (request.header('x-user') ? {id: 1} : null)}, ({Route}) => {
      for (const kind of ['page', 'get', 'post'] as const) Route.auth[kind](`/${kind}`, () => 'in')
    })
    const {headers} = await visitor(url)
    const method = path === '/post' ? 'POST' : 'GET'
    for (const [sent, status] of [
      [{}, 401],
      [{...headers, 'x-user': 'ada'}, 200],
    ] as const) {
      const response = await fetch(url + path, {method, headers: sent})
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
    }
  })

  it('unless the handler says otherwise', async () => {
    const {url} = await serve({auth}, ({Route}) =>
      Route.auth.page('/', Candy => {
        Candy.token()
        return new Response('mine', {headers: {'cache-control': 'private, max-age=5'}})
      }),
    )
    const response = await fetch(url)
    expect(response.headers.get('cache-control')).toBe('private, max-age=5')
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })

  it('but never keeps a cookie for others, whatever the handler says', async () => {
    const {url} = await serve({auth}, ({Route}) =>
      Route.page('/', Candy => {
        Candy.token()
        return new Response('everybody', {headers: {'cache-control': 'public, max-age=60'}})
      }),
    )
    const first = await fetch(url)
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(first.headers.getSetCookie()).toHaveLength(1)
    const again = await fetch(url, {headers: {cookie: cookiesOf(first)}})
    expect(again.headers.get('cache-control')).toBe('public, max-age=60')
  })

  it('other answers are untouched', async () => {
    const {url} = await serve({auth}, ({Route}) => {
      Route.page('/page', Candy => [Candy.token('checked'), Candy.Request.cookie('a'), Candy.ws.user])
      Route.get('/get', () => 'in', {token: false})
      Route.page('/fails', () => Promise.reject(new Error('no')))
    })
    for (const path of ['/page', '/get', '/fails', '/none']) {
      const response = await fetch(url + path, {headers: {cookie: (await visitor(url)).cookie}})
      expect(response.headers.get('cache-control')).toBeNull()
      expect(response.headers.getSetCookie()).toEqual([])
    }
  })

  it('a handler that throws sets no cookie', async () => {
    const {url} = await serve({}, ({Route}) => {
      const fail = (error: Error) => (Candy: Candy) => {
        Candy.Auth.login({id: 1})
        throw error
      }
      Route.page('/fails', fail(new Error('no')))
      Route.page('/refuses', fail(new CandyError('NO')))
    })
    for (const path of ['/fails', '/refuses']) {
      const response = await fetch(url + path)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('7. nosniff', () => {
  it.each([
    ['GET', '/page', 200],
    ['GET', '/empty', 204],
    ['GET', '/moved', 302],
    ['GET', '/fails', 500],
    ['GET', '/get', 403],
    ['POST', '/page', 405],
    ['GET', '/none', 404],
    ['GET', '/%zz', 400],
    ['GET', `/${'a'.repeat(3_000)}`, 414],
    ['GET', '/_candy/token', 200],
    ['GET', '/_candy/none', 404],
  ])('%s %s', async (method, path, status) => {
    const {url} = await serve({}, ({Route}) => {
      Route.page('/page', () => 'in')
      Route.page('/empty', () => undefined)
      Route.page('/moved', () => Response.redirect('http://a.example/', 302))
      Route.page('/fails', () => Promise.reject(new Error('no')))
      Route.get('/get', () => 'in')
    })
    const response = await fetch(url + path, {method, redirect: 'manual'})
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([status, 'nosniff'])
  })
})
