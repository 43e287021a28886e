import type {App, AppOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {serve} from '../support/serve.js'
import {cookiesOf, visitor} from '../support/visitor.js'

afterEach(() => {
  vi.useRealTimers()
})

const auth: AppOptions['auth'] = request => {
  const name = request.header('x-user')
  return name === undefined ? null : {id: name, name}
}
const ada = {'x-user': 'ada'}

const kinds = ['get', 'post'] as const
const methods = {get: 'GET', post: 'POST'} as const
const form = 'application/x-www-form-urlencoded'

const declare = ({Route}: App) => {
  Route.page('/page', () => 'in')
  Route.page('/page-token', () => 'in', {token: true})
  Route.auth.page('/auth-page', () => 'in')
  for (const kind of kinds) {
    Route[kind](`/${kind}`, () => 'in')
    Route[kind](`/open-${kind}`, () => 'in', {token: false})
    Route.auth[kind](`/auth-${kind}`, () => 'in')
    Route[kind](`/auth-open-${kind}`, () => 'in', {token: false, auth: true})
  }
}

const served = () => serve({auth}, declare)

describe('6. and 7. The token rule', () => {
  it('a page asks for none, unless it says so', async () => {
    const {url} = await served()
    expect((await fetch(`${url}/page`)).status).toBe(200)
    expect((await fetch(`${url}/page-token`)).status).toBe(403)
    const {cookie, token, headers} = await visitor(url)
    expect((await fetch(`${url}/page-token`, {headers})).status).toBe(200)
    expect((await fetch(`${url}/page-token?_token=${token}`, {headers: {cookie}})).status).toBe(200)
  })

  it.each(kinds)('a %s asks for one by default: 403 without; {token: false} asks for none', async kind => {
    const {url} = await served()
    const method = methods[kind]
    const refused = await fetch(`${url}/${kind}`, {method})
    expect([refused.status, await refused.text()]).toEqual([403, 'Missing token\n'])
    expect(refused.headers.getSetCookie()).toEqual([])
    expect((await fetch(`${url}/open-${kind}`, {method})).status).toBe(200)
  })

  it.each(kinds)('a %s says that a token is invalid', async kind => {
    const {url} = await served()
    const init = {method: methods[kind], headers: {'x-candy-token': 'forged'}}
    const refused = await fetch(`${url}/${kind}`, init)
    expect([refused.status, await refused.text()]).toEqual([403, 'Invalid token\n'])
  })

  it.each(kinds)('a %s takes it from the header x-candy-token', async kind => {
    const {url} = await served()
    const {headers} = await visitor(url)
    const send = () => fetch(`${url}/${kind}`, {method: methods[kind], headers})
    expect((await send()).status).toBe(200)
    expect((await send()).status, 'it is usable many times').toBe(200)
  })

  it('a get takes it from the field _token of the query, a post from that of its body alone', async () => {
    const {url} = await served()
    const {cookie, token} = await visitor(url)
    const headers = {cookie}
    expect((await fetch(`${url}/get?_token=${token}`, {headers})).status).toBe(200)
    const post = (body: RequestInit['body'], type?: string, query = '') => {
      const all = {...headers, ...(type !== undefined && {'content-type': type})}
      return fetch(`${url}/post${query}`, {method: 'POST', body, headers: all})
    }
    expect((await post(`a=1&_token=${token}`, form)).status).toBe(200)
    expect((await post(JSON.stringify({_token: token}), 'application/json')).status).toBe(200)
    const multipart = new FormData()
    multipart.append('_token', token)
    expect((await post(multipart)).status).toBe(200)
    expect((await post('a=1', form, `?_token=${token}`)).status).toBe(403)
    for (const wrong of [[token], {0: token}, 1, true, null])
      expect((await post(JSON.stringify({_token: wrong}), 'application/json')).status).toBe(403)
    const file = new FormData()
    file.append('_token', new File([token], 'token'))
    expect((await post(file)).status).toBe(403)
  })

  it.each(kinds)('a %s refuses a bad one with 403', async kind => {
    const {url, log} = await served()
    const {cookie, token} = await visitor(url)
    const other = await visitor(url)
    const changed = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA')
    const send = async (headers: Record<string, string>) =>
      (await fetch(`${url}/${kind}`, {method: methods[kind], headers})).status
    expect(await send({cookie, 'x-candy-token': changed})).toBe(403)
    expect(await send({cookie, 'x-candy-token': ''})).toBe(403)
    expect(await send({cookie, 'x-candy-token': `${token}x`})).toBe(403)
    expect(await send({cookie, 'x-candy-token': `${token}, ${token}`})).toBe(403)
    expect(await send({cookie, 'x-candy-token': other.token}), "another session's").toBe(403)
    expect(await send({cookie: other.cookie, 'x-candy-token': token}), "another session's").toBe(403)
    expect(await send({'x-candy-token': token}), 'without its session').toBe(403)
    expect(await send({cookie: 'candy_session=forged', 'x-candy-token': token}), 'a forged session').toBe(400)
    expect(JSON.stringify(log.lines)).not.toContain(token)
  })

  it.each(kinds)('a %s refuses one after 10 minutes', async kind => {
    vi.useFakeTimers({toFake: ['Date']})
    const {url} = await served()
    const {headers} = await visitor(url)
    const status = async () => (await fetch(`${url}/${kind}`, {method: methods[kind], headers})).status
    vi.setSystemTime(Date.now() + 599_000)
    expect(await status()).toBe(200)
    vi.setSystemTime(Date.now() + 2_000)
    expect(await status()).toBe(403)
  })

  it('a bad header is refused, even with a good field beside it', async () => {
    const {url} = await served()
    const {cookie, token} = await visitor(url)
    const headers = {cookie, 'x-candy-token': 'bad'}
    expect((await fetch(`${url}/get?_token=${token}`, {headers})).status).toBe(403)
  })

  it('runs no middleware and no handler before the token was seen', async () => {
    const ran = vi.fn()
    const {url} = await serve({}, ({Route}) => {
      for (const kind of kinds) Route.use(ran)[kind]('/', ran)
    })
    for (const kind of kinds) expect((await fetch(url, {method: methods[kind]})).status).toBe(403)
    expect(ran).not.toHaveBeenCalled()
  })

  it('a HEAD asks as its GET does', async () => {
    const {url} = await served()
    const {headers} = await visitor(url)
    expect((await fetch(`${url}/get`, {method: 'HEAD'})).status).toBe(403)
    expect((await fetch(`${url}/get`, {method: 'HEAD', headers})).status).toBe(200)
  })
})

describe('6. and 7. Auth', () => {
  it.each(['/auth-page', '/auth-get', '/auth-post', '/auth-open-get', '/auth-open-post'])(
    '%s without a user is 401, and that comes first',
    async path => {
      const {url} = await served()
      const {headers} = await visitor(url)
      const method = path.endsWith('post') ? 'POST' : 'GET'
      const all: Record<string, string>[] = [
        {},
        headers,
        {'x-candy-token': 'bad'},
        {'content-type': 'text/plain'},
      ]
      for (const sent of all) {
        const body = 'content-type' in sent && method === 'POST' ? 'x' : undefined
        expect((await fetch(url + path, {method, headers: sent, body})).status).toBe(401)
      }
    },
  )

  it('with a user asks for the token next', async () => {
    const {url} = await served()
    const {headers} = await visitor(url)
    const status = async (path: string, sent: Record<string, string>) =>
      (await fetch(url + path, {method: path.endsWith('post') ? 'POST' : 'GET', headers: sent})).status
    for (const path of ['/auth-get', '/auth-post']) {
      expect(await status(path, ada)).toBe(403)
      expect(await status(path, {...ada, ...headers})).toBe(200)
    }
    for (const path of ['/auth-page', '/auth-open-get', '/auth-open-post'])
      expect(await status(path, ada)).toBe(200)
  })
})

describe('6. Candy.token() in a page', () => {
  it('begins a session and mints a token that is valid for it, over HTTP and on a socket', async () => {
    const {app, url} = await serve({}, ({Route}) => {
      Route.page('/', Candy => Candy.token())
      Route.post('/', Candy => [Candy.token(Candy.Request.header('x-candy-token')), Candy.token('bad')])
      Route.ws('/', Candy => Candy.ws.send('in'))
    })
    const response = await fetch(url)
    const token = await response.text()
    const cookie = cookiesOf(response)
    expect(cookie).toMatch(/^candy_session=[\w-]{22}$/)
    expect(response.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax$/)
    expect(response.headers.getSetCookie()[0]).toContain('; Path=/;')
    expect(response.headers.get('cache-control')).toBe('no-store')

    const headers = {cookie, 'x-candy-token': token}
    expect(await (await fetch(url, {method: 'POST', headers})).json()).toEqual([true, false])
    expect(await (await connect(app, '/', {token, headers: {cookie}})).next()).toBe('in')

    const again = await fetch(url, {headers: {cookie}})
    expect(again.headers.getSetCookie(), 'the session is kept').toEqual([])
    expect(again.headers.get('cache-control')).toBe('no-store')
    expect(await again.text()).not.toBe(token)
  })

  it('called twice in one request, gives two tokens of the same session', async () => {
    const {url} = await serve({}, ({Route}) =>
      Route.page('/', Candy => [Candy.token(Candy.token()), Candy.token(Candy.token())]),
    )
    const response = await fetch(url)
    expect(await response.json()).toEqual([true, true])
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })
})
