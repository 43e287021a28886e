import {connect, fetchToken} from 'candy-ws/testing'
import {defaultLimits} from '#candy/limits.js'
import {Keys} from '#candy/identity/secret.js'
import {Tokens} from '#candy/identity/token.js'
import crypto, {createHmac} from 'node:crypto'
import {syncBuiltinESMExports} from 'node:module'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {serve, type Served} from '../support/serve.js'

const keys = new Keys('a secret of the token tests, more than 32 long')
const missing = {code: 4002, reason: 'Missing token'}
const invalid = {code: 4002, reason: 'Invalid token'}
const passed = {code: 1000, reason: ''}

/** One route that wants a token and closes whom it accepts with 1000. */
async function guarded(
  secret?: string,
): Promise<Served & {offer: (offer?: string, cookie?: string) => Promise<unknown>}> {
  const served = await serve({...(secret !== undefined && {secret})})
  served.app.Route.ws('/x', Candy => Candy.ws.close())
  const offer = async (offered?: string, cookie?: string) => {
    const request = handshake('/x', {'Sec-WebSocket-Protocol': offered, Cookie: cookie})
    return (await ask(served.port, request)).close
  }
  return {...served, offer}
}

describe('6. Sessions, tokens: a token', () => {
  it('opens the route it was minted for, many times', async () => {
    const {offer, url} = await guarded()
    const {token, cookie} = await fetchToken(url)
    for (let time = 0; time < 5; time += 1)
      expect(await offer(`candy.v1, candy-token-${token}`, cookie)).toEqual(passed)
    expect(await offer(`candy-token-${token}`, cookie)).toEqual(passed)
    expect(await offer(`candy-token-${token}, candy-token-${token}`, cookie)).toEqual(passed)
  })

  it('is refused with 4002 when it is none, or not the one', async () => {
    const {offer, url, log} = await guarded()
    const {token, cookie} = await fetchToken(url)
    const other = await fetchToken(url)
    const candy = (value: string) => offer(`candy.v1, candy-token-${value}`, cookie)

    expect(await offer(undefined, cookie)).toEqual(missing)
    expect(await offer('candy.v1', cookie)).toEqual(missing)
    const bad = {
      "another session's": candy(other.token),
      'without a session': offer(`candy.v1, candy-token-${token}`),
      'another cookie': offer(`candy.v1, candy-token-${token}`, other.cookie),
      truncated: candy(token.slice(0, -1)),
      empty: candy(''),
      longer: candy(`${token}A`),
      'very long': candy(token.repeat(20)),
      'another last character': candy(token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')),
      'another expiry': candy(`B${token.slice(1)}`),
      'not base64url': candy(`${token.slice(0, -1)}+`),
      'non-ASCII': candy(`\u00e4${token.slice(1)}`),
      'non-ASCII alone': offer(`candy-token-\u00e4${token.slice(1)}`, cookie),
      'two different ones': offer(`candy-token-${token}, candy-token-${other.token}`, cookie),
      'two, one of them broken': offer(`candy-token-${token}, candy-token-x`, cookie),
    }
    for (const [name, answer] of Object.entries(bad)) expect([name, await answer]).toEqual([name, invalid])
    expect(log.errors()).toEqual([])
    expect(await candy(token)).toEqual(passed)
  })

  it('is good on every app that shares the secret, and on no other', async () => {
    const secret = 'the same secret on both nodes, of 32 and more'
    const [a, b, c] = [await guarded(secret), await guarded(secret), await guarded(`${secret}!`)]
    const {token, cookie} = await fetchToken(a.url)
    expect(await b.offer(`candy.v1, candy-token-${token}`, cookie)).toEqual(passed)
    expect(await c.offer(`candy.v1, candy-token-${token}`, cookie)).toEqual(invalid)
  })

  it('row 26: stands in no log line at any level, and in no answer when candy.v1 was offered', async () => {
    const {app, port, url, log} = await serve()
    const seen: unknown[] = []
    app.Route.use(Candy => {
      seen.push(Candy.Request.header('Sec-WebSocket-Protocol'), Candy.Request.url)
      return !Candy.Request.url.endsWith('no')
    }).ws('/x', () => {
      throw new Error('boom')
    })
    const {token, cookie} = await fetchToken(url)
    for (const target of ['/x', '/x?no', '/none', '/x/%']) {
      for (const value of [token, `${token}A`]) {
        const offer = {'Sec-WebSocket-Protocol': `candy.v1, candy-token-${value}`, Cookie: cookie}
        const {headers} = await ask(port, handshake(target, offer))
        expect([...headers].join()).not.toContain('candy-token')
      }
    }
    expect(seen).toEqual(['candy.v1', '/x', 'candy.v1', '/x?no'])
    expect(log.lines.length).toBeGreaterThan(3)
    expect(JSON.stringify(log.lines)).not.toContain(token)
    expect(JSON.stringify(log.lines)).not.toContain(token.slice(0, 30))
  })

  it('holds for 10 minutes, to the millisecond', () => {
    let now = 1_700_000_000_000
    const tokens = new Tokens(keys, undefined, () => now)
    const token = tokens.mint('session')
    now += (defaultLimits.tokenTtl as number) - 1
    expect(tokens.verify(token, 'session')).toBe(true)
    now += 1
    expect(tokens.verify(token, 'session')).toBe(false)
    expect(tokens.lifetime).toBe(600)
  })

  it('says how long it holds, whatever the clock does meanwhile', () => {
    let now = 1_700_000_000_000
    expect(new Tokens(keys, undefined, () => (now += 1)).lifetime).toBe(600)
  })

  it('is refused with 4002 after its time', async () => {
    const secret = 'the secret of a token that is too old by now'
    const {offer, url} = await guarded(secret)
    const {cookie} = await fetchToken(url)
    const session = cookie!.split('=')[1]!
    const old = (age: number) => new Tokens(new Keys(secret), undefined, () => Date.now() - age).mint(session)
    expect(await offer(`candy-token-${old(599_000)}`, cookie)).toEqual(passed)
    expect(await offer(`candy-token-${old(600_000)}`, cookie)).toEqual(invalid)
  })

  it('is base64url without padding, different each time, and bound to key and session', () => {
    const tokens = new Tokens(keys)
    const token = tokens.mint('a')
    expect(token).toMatch(/^[A-Za-z0-9_-]{72}$/)
    expect(tokens.mint('a')).not.toBe(token)
    expect(tokens.verify(token, 'a')).toBe(true)
    expect(tokens.verify(token, 'b')).toBe(false)
    expect(tokens.verify(token, '')).toBe(false)
    expect(new Tokens(new Keys('another secret, of more than 32 characters')).verify(token, 'a')).toBe(false)
  })

  it('is HMAC-SHA256 of session, expiry and nonce, and void where any byte of it differs', () => {
    const now = 1_700_000_000_000
    const tokens = new Tokens(keys, undefined, () => now)
    const bytes = Buffer.from(tokens.mint('session'), 'base64url')
    const [claim, mac] = [bytes.subarray(0, 22), bytes.subarray(22)]
    expect(claim.readUIntBE(0, 6)).toBe(now + 600_000)
    expect(createHmac('sha256', keys.derive('token')).update(claim).update('session').digest()).toEqual(mac)
    for (let at = 0; at < bytes.length; at += 1) {
      const other = Buffer.from(bytes)
      other[at]! ^= 1
      expect([at, tokens.verify(other.toString('base64url'), 'session')]).toEqual([at, false])
    }
    expect(tokens.verify(bytes.toString('base64url'), 'session')).toBe(true)
  })

  it('is compared in constant time, whole, wherever it differs', () => {
    const compare = vi.spyOn(crypto, 'timingSafeEqual')
    syncBuiltinESMExports()
    onTestFinished(() => {
      compare.mockRestore()
      syncBuiltinESMExports()
    })
    const tokens = new Tokens(keys)
    const token = tokens.mint('a')
    const other = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    for (const [text, session] of [
      [token, 'a'],
      [token, 'b'],
      [other(30), 'a'],
      [other(71), 'a'],
    ] as const) {
      compare.mockClear()
      expect(tokens.verify(text, session)).toBe(text === token && session === 'a')
      expect(compare.mock.calls.map(sides => sides.map(side => side.byteLength))).toEqual([[32, 32]])
    }
  })

  it('is minted and judged in a handler by Candy.token()', async () => {
    const {app, url} = await serve()
    app.Route.ws('/x', Candy => {
      Candy.ws.on('message', data => {
        const {value} = data as {value?: string}
        Candy.ws.send({good: Candy.token(value as string), mine: Candy.token()})
      })
    })
    const a = await connect(app, '/x')
    a.send({value: 'nonsense'})
    const {good, mine} = await a.next<{good: unknown; mine: string}>()
    expect(good).toBe(false)
    a.send({value: mine})
    expect(await a.next()).toMatchObject({good: true})
    a.send({value: (await fetchToken(url)).token})
    expect(await a.next()).toMatchObject({good: false})
    // A field that the client left out, or that is no string, is no token: it mints none and throws nothing.
    for (const value of [undefined, null, 7, {toString: 1, valueOf: 1}]) {
      a.send({value})
      expect(await a.next()).toMatchObject({good: false})
    }
  })

  it('is false and cannot be minted where there is no session', async () => {
    const {app} = await serve()
    app.Route.ws(
      '/x',
      Candy => {
        Candy.ws.send(Candy.token('x'))
        expect(() => Candy.token()).toThrow('no session')
        Candy.ws.send('told')
      },
      {token: false},
    )
    const a = await connect(app, '/x', {token: false})
    expect(await a.take(2)).toEqual([false, 'told'])
  })
})
