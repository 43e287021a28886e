import type {App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, vi} from 'vitest'
import {ask} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {visitor} from '../support/visitor.js'

const evil = 'https://evil.example'
const friend = 'https://app.example'

const declare = ({Route}: App) => {
  Route.page('/page', () => 'page')
  Route.get('/get', () => 'get')
  Route.post('/post', () => 'post')
  Route.get('/open-get', () => 'get', {token: false})
  Route.post('/open-post', () => 'post', {token: false})
  Route.post('/theirs', () => 'post', {token: false, origins: ['https://their.example']})
  Route.ws('/ws', () => undefined, {token: false})
}

const listed = () => serve({origins: [friend]}, declare)

const cors = (response: Response) => [
  response.headers.get('access-control-allow-origin'),
  response.headers.get('access-control-allow-credentials'),
]

const methodOf = (path: string) => (/post|theirs/.test(path) ? 'POST' : 'GET')

describe('7. a foreign Origin', () => {
  it.each([evil, 'null', `${friend}.evil.example`, `${friend}:444`, 'http://app.example', 'nonsense'])(
    '%j gets the page, and neither token, nor socket, nor what asks for no token',
    async origin => {
      const {app, url} = await listed()
      const sent = {headers: {origin}}
      const page = await fetch(`${url}/page`, sent)
      expect([page.status, await page.text(), ...cors(page)]).toEqual([200, 'page', null, null])
      const token = await fetch(`${url}/_candy/token`, sent)
      expect([token.status, ...cors(token)]).toEqual([403, null, null])
      expect(token.headers.getSetCookie()).toEqual([])
      for (const path of ['/open-get', '/open-post', '/get', '/post', '/theirs']) {
        const response = await fetch(url + path, {...sent, method: methodOf(path)})
        expect([response.status, ...cors(response)]).toEqual([403, null, null])
      }
      await expect(connect(app, '/ws', {token: false, origin})).rejects.toMatchObject({status: 403})
    },
  )

  it('runs neither middleware nor auth of what it does not get', async () => {
    const ran = vi.fn()
    const {url} = await serve({auth: ran}, ({Route}) => {
      Route.use(ran).auth.post('/', ran, {token: false})
      Route.use(ran).auth.get('/', ran, {token: false})
    })
    for (const method of ['GET', 'POST'])
      expect((await fetch(url, {method, headers: {origin: evil}})).status).toBe(403)
    expect(ran).not.toHaveBeenCalled()
  })

  it('is its own origin, by any of its names, and not that of another port', async () => {
    const {port} = await listed()
    const status = async (host: string, origin: string) => {
      const lines = `Host: ${host}\r\nOrigin: ${origin}\r\nContent-Length: 0\r\n`
      return (await ask(port, `POST /open-post HTTP/1.1\r\n${lines}\r\n`)).status
    }
    expect(await status('localhost:80', 'http://localhost')).toBe(200)
    expect(await status('LOCALHOST:81', 'http://localhost:81')).toBe(200)
    expect(await status('localhost:81', 'http://localhost:82')).toBe(403)
    expect(await status('localhost', 'http://sub.localhost')).toBe(403)
  })

  it('is not looked at where a token is given: a form under no-referrer sends `null`', async () => {
    const {url} = await listed()
    const {cookie, token, headers} = await visitor(url)
    const body = new URLSearchParams({_token: token})
    const sent = {method: 'POST', body, headers: {cookie, origin: 'null'}}
    expect((await fetch(`${url}/post`, sent)).status).toBe(200)
    expect((await fetch(`${url}/open-post`, sent)).status).toBe(403)
    expect((await fetch(`${url}/get`, {headers: {...headers, origin: 'null'}})).status).toBe(200)
    const bad = {
      method: 'POST',
      body: new URLSearchParams({_token: 'bad'}),
      headers: {cookie, origin: 'null'},
    }
    expect((await fetch(`${url}/post`, bad)).status).toBe(403)
  })
})

describe('7. a listed origin', () => {
  it('reads token, get and post with its cookies, refusals too, and no page', async () => {
    const {url} = await listed()
    const {headers} = await visitor(url)
    const status = async (path: string, sent: object = headers) => {
      const response = await fetch(url + path, {method: methodOf(path), headers: {...sent, origin: friend}})
      expect(cors(response)).toEqual(path === '/page' ? [null, null] : [friend, 'true'])
      if (path !== '/page') expect(response.headers.get('vary')).toBe('Origin')
      return response.status
    }
    for (const path of ['/_candy/token', '/get', '/post', '/open-get', '/open-post', '/page'])
      expect(await status(path)).toBe(200)
    expect(await status('/get', {})).toBe(403)
    expect(await status('/post', {'content-type': 'text/plain'})).toBe(403)
  })

  it('is listed by the route where that says so, instead of the app', async () => {
    const {url} = await listed()
    const send = (origin: string) => fetch(`${url}/theirs`, {method: 'POST', headers: {origin}})
    const response = await send('https://their.example')
    expect([response.status, ...cors(response)]).toEqual([200, 'https://their.example', 'true'])
    expect((await send(friend)).status).toBe(403)
  })

  it("is anybody with origins: '*'", async () => {
    const {url} = await serve({origins: '*'}, declare)
    const response = await fetch(`${url}/open-post`, {method: 'POST', headers: {origin: evil}})
    expect([response.status, ...cors(response)]).toEqual([200, evil, 'true'])
  })

  it('leaves the CORS and Vary headers that a handler sets', async () => {
    const {url} = await serve({origins: [friend]}, ({Route}) =>
      Route.get(
        '/',
        () => new Response('', {headers: {vary: 'Accept', 'access-control-expose-headers': 'x-a'}}),
        {
          token: false,
        },
      ),
    )
    const response = await fetch(url, {headers: {origin: friend}})
    expect(response.headers.get('vary')).toBe('Accept, Origin')
    expect(response.headers.get('access-control-expose-headers')).toBe('x-a')
    expect(cors(response)).toEqual([friend, 'true'])
  })
})

describe('7. Vary: Origin', () => {
  it('stands on every answer of a get and a post, so that no cache gives one origin what another got', async () => {
    const {url} = await listed()
    for (const origin of [undefined, friend, evil, url])
      for (const path of ['/open-get', '/open-post', '/get']) {
        const headers: Record<string, string> = origin === undefined ? {} : {origin}
        const response = await fetch(url + path, {method: methodOf(path), headers})
        expect(response.headers.get('vary')).toBe('Origin')
      }
    expect((await fetch(`${url}/page`)).headers.get('vary')).toBeNull()
  })
})

describe('7. a preflight', () => {
  const preflight = (url: string, origin: string, method: string, headers = 'content-type,x-candy-token') =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {origin, 'access-control-request-method': method, 'access-control-request-headers': headers},
    })

  it.each([
    ['/get', 'GET'],
    ['/post', 'POST'],
    ['/open-post', 'POST'],
  ])('of a listed origin for %s may send %s with a token and JSON', async (path, method) => {
    const {url} = await listed()
    const response = await preflight(url + path, friend, method)
    expect([response.status, ...cors(response)]).toEqual([204, friend, 'true'])
    expect(response.headers.get('access-control-allow-methods')).toBe(method)
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type, x-candy-token')
    expect(response.headers.get('vary')).toBe('Origin')
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it.each([
    ['/post', evil, 'POST'],
    ['/post', 'null', 'POST'],
    ['/theirs', friend, 'POST'],
    ['/post', friend, 'PUT'],
    ['/post', friend, 'GET'],
    ['/page', friend, 'GET'],
    ['/ws', friend, 'GET'],
    ['/none', friend, 'POST'],
  ])('for %s of %s to send %s gets nothing', async (path, origin, method) => {
    const {url} = await listed()
    const response = await preflight(url + path, origin, method)
    expect(response.ok).toBe(false)
    expect(cors(response)).toEqual([null, null])
    expect(response.headers.get('access-control-allow-methods')).toBeNull()
  })

  it('runs nothing', async () => {
    const ran = vi.fn()
    const {url} = await serve({origins: [friend], auth: ran}, ({Route}) => Route.use(ran).auth.post('/', ran))
    expect((await preflight(url, friend, 'POST')).status).toBe(204)
    expect(ran).not.toHaveBeenCalled()
  })
})
