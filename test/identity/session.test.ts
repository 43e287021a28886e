import {connect, fetchToken} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

const id = 'AAAAAAAAAAAAAAAAAAAAAA'
const otherId = 'BBBBBBBBBBBBBBBBBBBBBB'

async function cookieOf(url: string, headers: Record<string, string> = {}): Promise<string | null> {
  return (await fetch(`${url}/_candy/token`, {headers})).headers.get('set-cookie')
}

describe('6. Sessions: the cookie', () => {
  it('is 128 random bits, HttpOnly, SameSite=Lax, Path=/', async () => {
    const {url} = await serve()
    const [a, b] = [await cookieOf(url), await cookieOf(url)]
    expect(a).toMatch(/^candy_session=[A-Za-z0-9_-]{22}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(b).not.toBe(a)
  })

  it('has each of its 128 bits drawn at random', async () => {
    const {url} = await serve()
    const seen = [Buffer.alloc(16), Buffer.alloc(16)] as const
    // That a bit is the same in all of them by chance: once in 2 ** 56.
    for (let drawn = 0; drawn < 64; drawn += 1) {
      const id = /=([^;]+)/.exec((await cookieOf(url))!)![1]!
      const bytes = Buffer.from(id, 'base64url')
      expect([bytes.length, bytes.toString('base64url')]).toEqual([16, id])
      for (const [at, byte] of bytes.entries()) {
        seen[0][at]! |= ~byte
        seen[1][at]! |= byte
      }
    }
    expect(seen).toEqual([Buffer.alloc(16, 0xff), Buffer.alloc(16, 0xff)])
  })

  it('is bound to the host and Secure on https', async () => {
    const {url, app} = await serve({trustProxy: true})
    const https = {'x-forwarded-proto': 'https'}
    const cookie = await cookieOf(url, https)
    expect(cookie).toMatch(
      /^__Host-candy_session=[A-Za-z0-9_-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    app.Route.ws('/x', Candy => Candy.ws.close())
    expect(await (await connect(app, '/x', {headers: https})).closed).toEqual({code: 1000, reason: ''})
  })

  it('is read on a handshake that a proxy calls wss, as Traefik does, or ws', async () => {
    const {url, port, app} = await serve({trustProxy: true})
    app.Route.ws('/x', Candy => Candy.ws.close())
    const host = `127.0.0.1:${port}`
    for (const [page, socket] of [['https', 'wss'] as const, ['http', 'ws'] as const]) {
      const answer = await fetch(`${url}/_candy/token`, {headers: {'x-forwarded-proto': page}})
      const {token} = (await answer.json()) as {token: string}
      const headers = {
        'Sec-WebSocket-Protocol': `candy.v1, candy-token-${token}`,
        Cookie: answer.headers.get('set-cookie')!.split(';')[0],
        'X-Forwarded-Proto': socket,
        Host: host,
        Origin: `${page}://${host}`,
      }
      expect((await ask(port, handshake('/x', headers))).close?.code).toBe(1000)
      // The other scheme's page is another origin all the same.
      const other = `${page === 'http' ? 'https' : 'http'}://${host}`
      expect((await ask(port, handshake('/x', {...headers, Origin: other}))).status).toBe(403)
    }
  })

  it('does not believe X-Forwarded-Proto of a peer that is not trusted', async () => {
    const {url} = await serve()
    expect(await cookieOf(url, {'x-forwarded-proto': 'https'})).toMatch(/^candy_session=/)
  })

  it('is not read under the other name: https has its own session', async () => {
    const {url, port, app} = await serve({trustProxy: true})
    app.Route.ws('/x', Candy => Candy.ws.close())
    const {token, cookie} = await fetchToken(url)
    const plain = {'Sec-WebSocket-Protocol': `candy-token-${token}`, Cookie: cookie}
    expect((await ask(port, handshake('/x', plain))).close?.code).toBe(1000)
    const https = {...plain, 'X-Forwarded-Proto': 'https'}
    expect((await ask(port, handshake('/x', https))).close?.code).toBe(4002)
  })

  it('is kept while it is good, and begun anew where it is not', async () => {
    const {url} = await serve()
    expect(await cookieOf(url, {cookie: `candy_session=${id}`})).toBeNull()
    for (const bad of ['', 'x', `${id}A`, '%41'.repeat(22), '../../etc/passwd'])
      expect(await cookieOf(url, {cookie: `candy_session=${bad}`})).toMatch(/^candy_session=/)
  })

  it.each([
    `candy_session=x`,
    `candy_session=`,
    `candy_session=${id}A`,
    `candy_session=%41${id.slice(1)}`,
    `candy_session="${id}"`,
    `candy_session=${id}; candy_session=${otherId}`,
    `a=1; candy_session=x; b=2`,
    `candy_session =${id}; candy_session=${otherId}`,
  ])('is refused with 400 where it was tampered with: %s', async cookie => {
    let handled = 0
    const {port} = await serve({}, app => app.Route.ws('/x', () => (handled += 1), {token: false}))
    expect((await ask(port, handshake('/x', {Cookie: cookie}))).status).toBe(400)
    expect(handled).toBe(0)
  })

  it.each([
    `candy_session=${id}`,
    `candy_session=${id}; candy_session=${id}`,
    ';;=;%zz;a',
    'a=%',
    'candy_sessions; a=b',
    'x'.repeat(4_000),
  ])('is not harmed by what other cookies hold: %s', async cookie => {
    const {port} = await serve({}, app => app.Route.ws('/x', Candy => Candy.ws.close(), {token: false}))
    expect((await ask(port, handshake('/x', {Cookie: cookie}))).close?.code).toBe(1000)
  })
})
