import {HandshakeError, connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {ask, handshake, type HeaderLines} from '../support/raw.js'
import {serve} from '../support/serve.js'

const free = {token: false} as const
const metricsToken = 'a token that is long enough'

async function statusOf(port: number, headers: HeaderLines, target = '/x'): Promise<number> {
  return (await ask(port, handshake(target, headers))).status
}

describe('2. The handshake: Origin', () => {
  it.each([
    ['http://app.example', 'app.example', 101],
    ['https://app.example', 'app.example', 101],
    ['http://app.example:8080', 'app.example:8080', 101],
    ['http://app.example', 'app.example:80', 101],
    ['http://app.example', 'APP.example', 101],
    ['HTTP://APP.EXAMPLE', 'app.example', 101],
    ['Https://App.example:8443', 'app.example:8443', 101],
    ['HTTP://EVIL.EXAMPLE', 'app.example', 403],
    ['http://[::1]:3000', '[::1]:3000', 101],
    ['http://app.example:8081', 'app.example:8080', 403],
    ['http://app.example:8080', 'app.example', 403],
    ['http://www.app.example', 'app.example', 403],
    ['http://app.example.evil.com', 'app.example', 403],
    ['http://evilapp.example', 'app.example', 403],
    ['http://app.example.', 'app.example', 403],
    ['http://user@app.example', 'app.example', 403],
    ['http://app.example/', 'app.example', 403],
    ['http://app.example, http://evil.example', 'app.example', 403],
    ['ftp://app.example', 'app.example', 403],
    ['app.example', 'app.example', 403],
    ['null', 'app.example', 403],
    ['', 'app.example', 403],
  ])('row 9: answers Origin %s at Host %s with %i', async (origin, host, status) => {
    let handled = 0
    const {port} = await serve({}, app =>
      app.Route.ws(
        '/x',
        Candy => {
          handled += 1
          Candy.ws.close()
        },
        free,
      ),
    )
    expect((await ask(port, handshake('/x', {Host: host, Origin: origin}))).status).toBe(status)
    expect(handled).toBe(status === 101 ? 1 : 0)
  })

  it('row 9: counts what it refuses, and says no more of it than that it was the Origin', async () => {
    const {url, port} = await serve({metrics: {token: metricsToken}}, app =>
      app.Route.ws('/x', Candy => Candy.ws.close(), free),
    )
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1'])
      await ask(port, handshake('/x', {Origin: origin}))
    const answer = await fetch(`${url}/_candy/metrics`, {headers: {authorization: `Bearer ${metricsToken}`}})
    const text = await answer.text()
    expect(text).toContain('candy_rejected_total{code="403",why="origin"} 2\n')
    expect(text).not.toContain('evil')
  })

  it('row 9: lets requests without Origin pass that bring a session: a browser sends none without', async () => {
    const {port} = await serve({}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    expect(await statusOf(port, {Cookie: `candy_session=${'x'.repeat(22)}`})).toBe(101)
  })

  it('tells the log why, at debug level: a page only sees that it failed', async () => {
    const {port, log} = await serve({}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    await ask(port, handshake('/x', {Host: 'app.example', Origin: 'http://app.example:5173'}))
    expect(log.lines.filter(({message}) => message === 'handshake refused')).toMatchObject([
      {level: 'debug', reason: 'Origin not allowed', origin: 'http://app.example:5173', host: 'app.example'},
    ])
  })

  it('refuses two Origin headers', async () => {
    const {port} = await serve({}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    const twice = handshake('/x', {Origin: 'http://127.0.0.1', origin: 'https://evil.example'})
    expect((await ask(port, twice)).status).toBe(403)
  })

  it('row 9: lets requests without Origin pass, unless requireOrigin, on the app or on the route', async () => {
    const {app, port} = await serve({requireOrigin: true})
    app.Route.ws('/x', Candy => Candy.ws.close(), free)
    app.Route.ws('/open', Candy => Candy.ws.close(), {...free, requireOrigin: false})
    expect(await statusOf(port, {})).toBe(403)
    expect(await statusOf(port, {Origin: 'http://127.0.0.1'})).toBe(101)
    expect(await statusOf(port, {}, '/open')).toBe(101)
  })

  it('lets listed origins pass, in any case and not otherwise spelt, beside its own', async () => {
    const {app, port} = await serve({origins: ['https://app.example']})
    app.Route.ws('/x', Candy => Candy.ws.close(), free)
    app.Route.ws('/other', Candy => Candy.ws.close(), {...free, origins: ['https://other.example']})
    expect(await statusOf(port, {Origin: 'https://app.example'})).toBe(101)
    expect(await statusOf(port, {Origin: 'HTTPS://App.Example'})).toBe(101)
    expect(await statusOf(port, {Origin: 'http://127.0.0.1'})).toBe(101)
    expect(await statusOf(port, {Origin: 'http://app.example'})).toBe(403)
    expect(await statusOf(port, {Origin: 'https://app.example:444'})).toBe(403)
    expect(await statusOf(port, {Origin: 'https://app.example'}, '/other')).toBe(403)
    expect(await statusOf(port, {Origin: 'https://other.example'}, '/other')).toBe(101)
  })

  it("lets every origin pass with '*'", async () => {
    const {port} = await serve({origins: '*'}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    expect(await statusOf(port, {Origin: 'https://anything.example'})).toBe(101)
  })

  it('compares the scheme too where a trusted proxy tells it, and the host the proxy was asked for', async () => {
    const {port} = await serve({trustProxy: true}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    const https = {'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'app.example'}
    expect(await statusOf(port, {...https, Origin: 'https://app.example'})).toBe(101)
    expect(await statusOf(port, {...https, Origin: 'http://app.example'})).toBe(403)
    expect(await statusOf(port, {...https, Origin: 'https://127.0.0.1'})).toBe(403)
    const http = {...https, 'X-Forwarded-Proto': 'http'}
    expect(await statusOf(port, {...http, Origin: 'http://app.example'})).toBe(101)
    expect(await statusOf(port, {...http, Origin: 'https://app.example'})).toBe(403)
  })

  it('does not believe X-Forwarded-Host of a peer that is not trusted', async () => {
    const {port} = await serve({}, app => app.Route.ws('/x', Candy => Candy.ws.close(), free))
    const forged = {Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example'}
    expect(await statusOf(port, forged)).toBe(403)
  })

  it('shows a refusal as HTTP 403 to a real client', async () => {
    const {app} = await serve({}, one => one.Route.ws('/x', () => undefined, free))
    const attempt = connect(app, '/x', {token: false, origin: 'https://evil.example'})
    await expect(attempt).rejects.toEqual(new HandshakeError(403))
  })
})
