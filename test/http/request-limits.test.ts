import {connect, fetchToken} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

const query = (count: number) => `/?${Array.from({length: count}, (_, n) => `k${n}=1`).join('&')}`

describe('8. limits: what a request may ask', () => {
  it('has no longer URL and no more names in its query than they may be', async () => {
    const {port, log} = await serve({limits: {maxUrl: 100, maxQueryKeys: 5}}, ({Route}) =>
      Route.ws('/', Candy => Candy.ws.close(), {token: false}),
    )
    const statusOf = async (target: string) => (await ask(port, handshake(target))).status
    expect(await statusOf(query(5))).toBe(101)
    expect(await statusOf('/?k=1&k=2&k=3&k=4&k=5&k=6')).toBe(101)
    expect(await statusOf(query(6))).toBe(400)
    expect(await statusOf(`/${'x'.repeat(100)}`)).toBe(414)
    const told = log.lines.filter(({event}) => event === 'url.rejected')
    expect(told.map(({limit}) => limit)).toEqual(['maxQueryKeys', 'maxUrl'])
  })

  it('offers no more in Sec-WebSocket-Protocol than it may', async () => {
    const {port, log} = await serve({limits: {maxProtocolHeader: 100}}, ({Route}) =>
      Route.ws('/', Candy => Candy.ws.close(), {token: false}),
    )
    const offering = (length: number) => handshake('/', {'Sec-WebSocket-Protocol': 'p'.repeat(length)})
    expect((await ask(port, offering(100))).status).toBe(101)
    expect((await ask(port, offering(101))).status).toBe(431)
    expect(log.lines).toContainEqual(
      expect.objectContaining({event: 'token.invalid', limit: 'maxProtocolHeader'}),
    )
  })

  it.each([
    ['longer than it may be', {maxToken: 50}, 'maxToken'],
    ['older than it may be', {tokenTtl: 1}, 'tokenTtl'],
  ] as const)('brings no token that is %s', async (_, limits, limit) => {
    const {app, url, log} = await serve({limits}, ({Route}) => Route.ws('/', () => undefined))
    const {token, cookie} = await fetchToken(url)
    const made = Date.now()
    await expect.poll(() => Date.now() - made).toBeGreaterThan(2)
    const client = await connect(app, '/', {token, headers: {cookie: cookie!}})
    expect(await client.closed).toEqual({code: 4002, reason: 'Invalid token'})
    expect(log.lines).toContainEqual(expect.objectContaining({limit, level: 'debug'}))
  })

  it('gets a token that holds as long as the app says', async () => {
    const {url} = await serve({limits: {tokenTtl: 90_000}}, ({Route}) => Route.ws('/', () => undefined))
    const answer = (await (await fetch(`${url}/_candy/token`)).json()) as {expiresIn: number}
    expect(answer.expiresIn).toBe(90)
  })
})

describe('8. limits.revalidateEvery', () => {
  it('asks the app’s own auth again, and closes with 4001 who is nobody any more', async () => {
    let user: {id: number} | null = {id: 1}
    const {app, log} = await serve({auth: () => user, limits: {revalidateEvery: 50}}, ({Route}) =>
      Route.auth.ws('/', () => undefined, {token: false}),
    )
    const client = await connect(app, '/', {token: false})
    user = null
    expect((await client.closed).code).toBe(4001)
    expect(log.lines).toContainEqual(expect.objectContaining({event: 'session.expired'}))
  })

  it('gives way to what `auth` itself says', async () => {
    let asked = 0
    const auth = {
      user: () => {
        asked += 1
        return {id: 1}
      },
      revalidate: 40,
    }
    const {app} = await serve({auth, limits: {revalidateEvery: 'off'}}, ({Route}) =>
      Route.auth.ws('/', () => undefined, {token: false}),
    )
    await connect(app, '/', {token: false})
    await expect.poll(() => asked).toBeGreaterThan(2)
  })
})
