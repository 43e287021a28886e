import {afterEach, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {ask} from '../support/raw.js'
import {serve} from '../support/serve.js'

afterEach(removeFolders)

interface TokenBody {
  readonly token: string
  readonly expiresIn: number
  readonly identity: string
}

const own = (url: string) => url.replace('127.0.0.1', 'localhost')

describe('6. GET /_candy/token', () => {
  it('gives a token, its seconds and an identity, and is never stored', async () => {
    const {url} = await serve()
    const response = await fetch(`${url}/_candy/token`)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    const body = (await response.json()) as TokenBody
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]{72}$/),
      expiresIn: 600,
      identity: expect.stringMatching(/^[\w-]{22}$/),
    })
  })

  it("has one identity a session, which is not the session's id", async () => {
    const {url} = await serve()
    const first = await fetch(`${url}/_candy/token`)
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!
    const a = (await first.json()) as TokenBody
    const b = (await (await fetch(`${url}/_candy/token`, {headers: {cookie}})).json()) as TokenBody
    const c = (await (await fetch(`${url}/_candy/token`)).json()) as TokenBody
    expect(b.identity).toBe(a.identity)
    expect(b.token).not.toBe(a.token)
    expect(c.identity).not.toBe(a.identity)
    expect(cookie).not.toContain(a.identity)
  })

  it('names the session by the secret: alike on every node that shares it, and by nobody who does not', async () => {
    const secret = 'the same secret on both nodes, of 32 and more'
    const nodes = [await serve({secret}), await serve({secret}), await serve({secret: `${secret}!`})]
    const headers = {cookie: `candy_session=${'A'.repeat(22)}`}
    const identities = await Promise.all(
      nodes.map(async ({url}) => {
        const body = (await (await fetch(`${url}/_candy/token`, {headers})).json()) as TokenBody
        return body.identity
      }),
    )
    expect(identities[1]).toBe(identities[0])
    expect(identities[2]).not.toBe(identities[0])
  })

  it.each([
    [{}, 200],
    [{'sec-fetch-site': 'same-origin'}, 200],
    [{'sec-fetch-site': 'none'}, 200],
    [{'sec-fetch-site': 'cross-site'}, 403],
    [{'sec-fetch-site': 'same-site'}, 403],
    [{'sec-fetch-site': 'nonsense'}, 403],
    [{Origin: 'http://127.0.0.1'}, 200],
    [{Origin: 'http://127.0.0.1', 'sec-fetch-site': 'cross-site'}, 403],
    [{Origin: 'https://evil.example'}, 403],
    [{Origin: 'https://evil.example', 'sec-fetch-site': 'same-origin'}, 403],
    [{Origin: 'null'}, 403],
  ])('answers %j with %i', async (headers, status) => {
    const {port} = await serve()
    const lines = Object.entries({Host: '127.0.0.1', ...headers}).map(line => line.join(': '))
    const answer = await ask(port, `GET /_candy/token HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.headers.has('set-cookie')).toBe(false)
  })

  it('serves listed origins with CORS credentials, and no others', async () => {
    const {url} = await serve({origins: ['https://app.example']})
    const headers = {origin: 'https://app.example', 'sec-fetch-site': 'cross-site'}
    const listed = await fetch(`${url}/_candy/token`, {headers})
    expect(listed.status).toBe(200)
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(listed.headers.get('access-control-allow-credentials')).toBe('true')
    expect(listed.headers.get('vary')).toContain('Origin')
    const other = await fetch(`${url}/_candy/token`, {headers: {origin: 'https://app.example:444'}})
    expect(other.status).toBe(403)
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('sees its own host by any of its names, and not another', async () => {
    const {url} = await serve()
    const at = own(url)
    const {port} = new URL(at)
    const request = (origin: string) =>
      `GET /_candy/token HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${origin}\r\n\r\n`
    expect((await ask(Number(port), request(at))).status).toBe(200)
    expect((await ask(Number(port), request('http://localhost:1'))).status).toBe(403)
  })
})

describe('2. The handshake: plain HTTP on a WebSocket path', () => {
  it('answers 426 to GET, 405 to other methods, 404 elsewhere, 414 to too long a target', async () => {
    const {app, url} = await serve()
    app.Route.ws('/room/{id}', () => undefined)
    const get = await fetch(`${url}/room/7`)
    expect([get.status, get.headers.get('upgrade')]).toEqual([426, 'websocket'])
    const post = await fetch(`${url}/room/7`, {method: 'POST', body: 'x'})
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET'])
    expect((await fetch(`${url}/room`)).status).toBe(404)
    expect((await fetch(`${url}/_candy/none`)).status).toBe(404)
    expect((await fetch(`${url}/${'x'.repeat(2_048)}`)).status).toBe(414)
  })
})

describe('8. Programs: public/', () => {
  const files = {
    'public/index.html': '<p>hello</p>',
    'public/a.txt': 'a',
    'public/.env': 'PASSWORD=1',
    'public/sub/.git/config': 'private',
    'public/.well-known/ok.txt': 'ok',
    'web/public/b.txt': 'b',
    'outside.txt': 'outside',
  }

  it('is served, from the folder and from web/', async () => {
    const {url} = await serve({dir: makeFolder(files)})
    const text = async (path: string) => (await fetch(url + path)).text()
    expect(await text('/')).toBe('<p>hello</p>')
    expect(await text('/a.txt')).toBe('a')
    expect(await text('/b.txt')).toBe('b')
    expect(await text('/.well-known/ok.txt')).toBe('ok')
    const response = await fetch(`${url}/a.txt`)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    '/.env',
    '/%2eenv',
    '/%2Eenv',
    '/%252eenv',
    '/sub/.git/config',
    '/../outside.txt',
    '/sub/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/..%5coutside.txt',
    '/..\\outside.txt',
    '//outside.txt',
    '/a.txt%00.html',
    '/sub/../.env',
    'http://127.0.0.1/.env',
  ])('gives nothing away at %s', async target => {
    const {port} = await serve({dir: makeFolder(files)})
    const answer = await ask(port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    expect([400, 404]).toContain(answer.status)
  })
})
