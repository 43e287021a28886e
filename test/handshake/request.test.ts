import type {Candy} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import {handshake, raw, type HeaderLines} from '../support/raw.js'
import {serve, type Served} from '../support/serve.js'

/** What the handler of `/x/{id}` sees of a request. */
async function seen(
  options: Parameters<typeof serve>[0],
  target: string,
  look: (candy: Candy) => unknown,
  headers: HeaderLines = {},
): Promise<unknown> {
  const {port}: Served = await serve(options, app => {
    app.Route.ws('/x/{id}', Candy => tell(Candy), {token: false})
    app.Route.ws('/x', Candy => tell(Candy), {token: false})
  })
  let told: unknown
  const tell = (candy: Candy) => {
    told = look(candy)
    candy.ws.close()
  }
  const client = await raw(port)
  await client.write(handshake(target, headers)).closeFrame()
  client.reset()
  return told
}

const xff = {'X-Forwarded-For': '192.0.2.7, 198.51.100.9', 'X-Forwarded-Host': 'evil.example, app.example'}

const data = (target: string) =>
  seen({}, target, ({Request}) => ({...Request.data.url, get: {...Request.data.get}}))

const address = ({Request}: Candy) => [Request.ip, Request.host]

describe('3. Candy.Request', () => {
  it('has the path parameters over the query in data.url, and the query alone in data.get', async () => {
    expect(await data('/x/7?id=8&a=1')).toEqual({id: '7', a: '1', get: {id: '8', a: '1'}})
    expect(await data('/x?room=blue')).toEqual({room: 'blue', get: {room: 'blue'}})
    expect(await data('/x?a=1&a=2&b&=c&&d=e=f')).toMatchObject({a: '1', b: '', d: 'e=f'})
    expect(await data('/x/a%20b%25?c+d=%C3%A9+%26')).toMatchObject({id: 'a b%', 'c d': 'é &'})
  })

  it('holds names of Object.prototype as names like any other', async () => {
    const told = await seen({}, '/x/1?__proto__=a&constructor=b&toString=c', ({Request}) => [
      Request.data.url.__proto__,
      Request.data.url.constructor,
      Request.data.get['toString'],
      Request.data.get['valueOf'],
      Request.header('constructor'),
      Request.header('__proto__'),
      Request.cookie('constructor'),
      ({} as {a?: unknown}).a,
    ])
    expect(told).toEqual(['a', 'b', 'c', undefined, undefined, undefined, undefined, undefined])
  })

  it('reads headers in any case, cookies decoded, the first of two', async () => {
    const headers = {'X-Mine': 'yes', Cookie: 'a=%C3%A9; b=%zz; a=2; c="q"; d'}
    const told = await seen(
      {},
      '/x',
      ({Request}) => [
        Request.header('x-MINE'),
        Request.header('none'),
        Request.cookie('a'),
        Request.cookie('b'),
        Request.cookie('d'),
      ],
      headers,
    )
    expect(told).toEqual(['yes', undefined, 'é', '%zz', undefined])
  })

  it('has method, url and host as they were sent', async () => {
    const told = await seen({}, '/x/7?a=%41', ({Request}) => [Request.method, Request.url, Request.host])
    expect(told).toEqual(['GET', '/x/7?a=%41', '127.0.0.1'])
  })

  it('believes no proxy by default', async () => {
    expect(await seen({}, '/x', address, xff)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it('believes the peer itself with trustProxy: true, and nobody behind it', async () => {
    expect(await seen({trustProxy: true}, '/x', address, xff)).toEqual(['198.51.100.9', 'app.example'])
    expect(await seen({trustProxy: true}, '/x', address)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it('believes the proxies that are listed, and takes the nearest address that is not', async () => {
    const both = {trustProxy: ['127.0.0.0/8', '198.51.100.0/24']}
    expect(await seen(both, '/x', address, xff)).toEqual(['192.0.2.7', 'app.example'])
    const peer = {trustProxy: ['127.0.0.1']}
    expect(await seen(peer, '/x', address, xff)).toEqual(['198.51.100.9', 'app.example'])
    const other = {trustProxy: ['10.0.0.0/8']}
    expect(await seen(other, '/x', address, xff)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it.each([
    ['192.0.2.7:4711', '192.0.2.7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['203.0.113.1, 192.0.2.7:1, 198.51.100.9:2', '192.0.2.7'],
    ['192.0.2.7:x', '192.0.2.7:x'],
  ])('takes the address of %s without the port that some proxies add', async (forwarded, ip) => {
    const trusting = {trustProxy: ['127.0.0.1', '198.51.100.0/24']}
    const headers = {'X-Forwarded-For': forwarded}
    expect(await seen(trusting, '/x', ({Request}) => Request.ip, headers)).toBe(ip)
  })

  it('is not harmed by what a proxy forwards', async () => {
    for (const forged of ['', ',', ',,,', 'x'.repeat(5_000), '%', '::::', '1.2.3.4:80, ', 'unknown']) {
      const headers = {'X-Forwarded-For': forged, 'X-Forwarded-Host': forged, 'X-Forwarded-Proto': forged}
      expect(await seen({trustProxy: ['127.0.0.1', 'loopback']}, '/x', () => 'served', headers)).toBe(
        'served',
      )
    }
  })

  it('is the request of its own connection, among many at once', async () => {
    const {app} = await serve()
    app.Route.use(async Candy => void (await Candy.Auth.check())).ws(
      '/x/{id}',
      Candy =>
        Candy.ws.send([Candy.Request.data.url.id, Candy.Request.header('x-n'), Candy.Request.cookie('n')]),
      {token: false},
    )
    const all = Array.from({length: 50}, async (_, n) => {
      const headers = {'x-n': `${n}`, cookie: `n=${n}`}
      const client = await connect(app, `/x/${n}`, {token: false, headers})
      expect(await client.next()).toEqual([`${n}`, `${n}`, `${n}`])
    })
    await Promise.all(all)
  })
})
