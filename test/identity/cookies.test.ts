import {createServer} from 'node:https'
import {Keys} from '#candy/identity/secret.js'
import {Seals} from '#candy/identity/seal.js'
import {describe, expect, it} from 'vitest'
import {WebSocket} from 'ws'
import {accounts, logIn, unauthorized, whoIs, whoIsOn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {certificate} from '../support/certificate.js'
import {hostServer} from '../support/host.js'
import {sealFor} from '../support/seals.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const ada = {id: 1, name: 'Ada'}
const day = 24 * 60 * 60 * 1_000
const week = 7 * day
const secret = 'the secret of the cookie tests, of 32 and more'

const anonymous = ['Path=/', 'HttpOnly', 'SameSite=Lax']
const lasting = ['Max-Age=604800', ...anonymous]
const secure = (attributes: readonly string[]) => attributes.toSpliced(-1, 0, 'Secure')

/** Each cookie set, by name. */
function flags(lines: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(lines.map(line => [line.split('=')[0]!, line.split('; ').slice(1)]))
}

/** The whole life of a browser's cookies. */
async function life(browser: Browser) {
  const begun = await browser.get('/_candy/token')
  const login = await browser.post('/login', ada)
  const logout = await browser.post('/logout')
  return [begun, login, logout].map(answer => flags(answer.setCookies))
}

describe('6. Cookies', () => {
  it('on http: HttpOnly, SameSite=Lax, Path=/, no Domain; 7 days with a user in them, else until the browser ends', async () => {
    const {url} = await serve({routes: [accounts]})
    expect(await life(new Browser(url))).toEqual([
      {candy_session: anonymous},
      {candy_session: lasting, candy_user: lasting},
      {candy_session: anonymous, candy_user: ['Max-Age=0', ...anonymous]},
    ])
  })

  const onHttps = [
    {'__Host-candy_session': secure(anonymous)},
    {'__Host-candy_session': secure(lasting), '__Host-candy_user': secure(lasting)},
    {'__Host-candy_session': secure(anonymous), '__Host-candy_user': secure(['Max-Age=0', ...anonymous])},
  ]

  it('behind a trusted proxy that speaks https: Secure besides, and bound to the host by their names', async () => {
    const {url} = await serve({trustProxy: true, routes: [accounts]})
    const a = new Browser(url, {'x-forwarded-proto': 'https'})
    expect(await life(a)).toEqual(onHttps)
    await logIn(a, ada)
    expect(await whoIsOn(await a.connect('/live'))).toEqual(ada)
    // And not by the word of a peer that is no proxy of ours.
    const other = await serve({routes: [accounts]})
    const token = await new Browser(other.url, {'x-forwarded-proto': 'https'}).get('/_candy/token')
    expect(flags(token.setCookies)).toEqual({candy_session: anonymous})
  })

  it('over TLS: the same, for pages and for sockets', async () => {
    const {app} = await serve({routes: [accounts]})
    const {server, port} = await hostServer(createServer(certificate, app.http()))
    app.attach(server)
    const url = `https://127.0.0.1:${port}`
    expect(await life(new Browser(url))).toEqual(onHttps)

    const a = new Browser(url)
    await logIn(a, ada)
    expect(await whoIs(a)).toEqual(ada)
    const opened = async (cookie: string) => {
      const protocols = ['candy.v1', `candy-token-${await a.token()}`]
      const socket = new WebSocket(`${url.replace('https', 'wss')}/live`, protocols, {
        ca: certificate.cert,
        origin: url,
        headers: {cookie},
      })
      return new Promise(resolve => {
        socket.on('open', () => socket.send('who'))
        socket.on('message', data => resolve(JSON.parse((data as Buffer).toString())))
        socket.on('close', code => resolve(code))
      }).finally(() => socket.terminate())
    }
    expect(await opened(a.cookie)).toEqual({user: ada})
    expect(await opened(a.cookie.replaceAll('__Host-', ''))).toBe(4001)
  })

  it('prove nothing under the other name: what a sibling domain could set is not read on https', async () => {
    const {url} = await serve({trustProxy: true, routes: [accounts]})
    const plain = new Browser(url)
    await logIn(plain, ada)
    const https = new Browser(url, {'x-forwarded-proto': 'https'}, new Map(plain.cookies))
    expect(await whoIs(https)).toBeNull()
    expect((await https.get('/private')).status).toBe(401)
    https.plant('__Host-candy_session', plain.session!).plant('__Host-candy_user', plain.seal!)
    expect(await whoIs(https)).toEqual(ada)
  })

  it('hold the largest user that login() takes, as browsers keep 4,096 bytes', async () => {
    const {url} = await serve({trustProxy: true}, ({Route}) => {
      Route.post('/login', Candy => Candy.Auth.login({id: 1, ...Candy.Request.data.post}), {token: false})
      Route.page('/me', async Candy => Response.json(await Candy.Auth.user()))
    })
    const user = (size: number) => {
      const name = 'x'.repeat(size - Buffer.byteLength(JSON.stringify({id: 1, name: ''})))
      return {id: 1, name}
    }
    const a = new Browser(url, {'x-forwarded-proto': 'https'})
    const login = await a.post('/login', {name: user(2_600).name}, {token: false})
    expect(login.status).toBe(204)
    for (const line of login.setCookies) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4_096)
    expect(await whoIs(a)).toEqual(user(2_600))
    expect((await a.post('/login', {name: user(2_601).name}, {token: false})).status).toBe(500)
    expect(await whoIs(a)).toEqual(user(2_600))
  })
})

describe('6. The sealed cookie slides', () => {
  /** A browser with a user whose cookie was sealed a while ago. */
  async function sealedBefore(url: string, age: number) {
    const a = new Browser(url)
    const token = await a.token()
    const since = Date.now() - 30 * day
    a.plant('candy_user', await sealFor(secret, a.session!, {since, expires: Date.now() - age + week}))
    return {a, token, since}
  }

  it.each(['/me', '/private', '/_candy/token'])('once a day, at %s', async path => {
    const {url} = await serve({secret, routes: [accounts]})
    const {a, since} = await sealedBefore(url, day + 1_000)
    const session = a.session!
    const answer = await a.get(path)
    expect(flags(answer.setCookies)).toEqual({candy_session: lasting, candy_user: lasting})
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(a.session).toBe(session)
    const seal = (await new Seals(new Keys(secret)).open(a.seal!))!
    expect(seal).toMatchObject({user: {id: 1}, session, since})
    expect(Math.abs(seal.expires - Date.now() - week)).toBeLessThan(60_000)
    expect(await whoIs(a)).toEqual({id: 1})
    // And not again today.
    expect((await a.get(path)).setCookies).toEqual([])
  })

  it('not within the first day, nor where nobody asked for the user', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const {a: young} = await sealedBefore(url, day - 60_000)
    for (const path of ['/me', '/private', '/_candy/token'])
      expect((await young.get(path)).setCookies).toEqual([])
    const {a: old} = await sealedBefore(url, 2 * day)
    expect((await old.get('/plain')).setCookies).toEqual([])
  })

  it.each(['session', 'user'])('not after its %s was revoked', async what => {
    const {app, url} = await serve({secret, routes: [accounts]})
    const {a} = await sealedBefore(url, 2 * day)
    app.revoke(what === 'user' ? {user: 1} : {session: a.session!})
    for (const path of ['/me', '/private', '/_candy/token']) {
      const answer = await a.copy().get(path)
      expect(answer.setCookies.join()).not.toContain('candy_user')
      expect(answer.setCookies.join()).not.toContain(a.session!)
    }
  })

  it('not on an answer that comes after a logout: it would undo the logout', async () => {
    const [entered, release] = [signal(), signal()]
    const {url} = await serve({secret, routes: [accounts]}, ({Route}) =>
      Route.auth.page('/slow', async () => {
        entered.fire()
        await release.fired
        return 'slow'
      }),
    )
    const {a, token} = await sealedBefore(url, 2 * day)
    const slow = a.copy().get('/slow')
    await entered.fired
    expect((await a.copy().post('/logout', {}, {token})).status).toBe(204)
    release.fire()
    expect((await slow).setCookies).toEqual([])
  })

  it('and ends 7 days later: an expired one is nobody', async () => {
    const {url} = await serve({secret, routes: [accounts]})
    const {a, token} = await sealedBefore(url, week)
    expect(await whoIs(a)).toBeNull()
    expect((await a.get('/private')).status).toBe(401)
    expect(await (await a.connect('/live', {token})).closed).toEqual(unauthorized)
  })
})
