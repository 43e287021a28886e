import {Auth, Candy, CandyError, errorCodes, OnMessage, Token, Use, WsRoute, type Limits} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {IsInt, IsOptional} from 'class-validator'
import {describe, expect, it} from 'vitest'
import {craft, frame, rawClient} from '../support/frames.js'
import {bearer, metrics, scrape, type Scrape} from '../support/metrics.js'
import {ask, handshake, raw} from '../support/raw.js'
import {serve} from '../support/serve.js'

const token = false

class Count {
  @IsInt() n!: number
  @IsOptional() free?: unknown
}

@WsRoute('/guarded')
@Token(false)
class Guarded {
  @OnMessage('user') @Auth() user() {}
  @OnMessage('forbidden') @Use(() => false) forbidden() {}
  @OnMessage('limited') limited() {
    throw new CandyError('RATE_LIMIT')
  }
  @OnMessage('room') room({ws}: Candy) {
    ws.join('')
  }
  @OnMessage('broken') broken() {
    throw new Error('broken')
  }
  @OnMessage('never') never() {
    return new Promise(() => undefined)
  }
  @OnMessage('own') own() {
    throw new CandyError('FULL')
  }
}

/** By code and reason. */
const refused = (told: Scrape) =>
  Object.fromEntries(
    told.all('candy_rejected_total').map(({labels: {code, why}, value}) => [`${code} ${why}`, value]),
  )

const reasons = (told: Scrape) =>
  Object.fromEntries(
    told.all('candy_messages_rejected_total').map(({labels, value}) => [labels.reason, value]),
  )

describe('candy_rejected_total', () => {
  it('tells of each handshake that was refused the close code or the status, and why', async () => {
    const {app, url, port} = await serve({metrics, limits: {maxPerIp: 'off'}}, ({Route}) => {
      Route.ws('/open', ({ws}) => ws.close(), {token})
      Route.ws('/token', () => undefined)
      Route.ws('/http', () => undefined, {refuse: 'http'})
      Route.auth.ws('/user', () => undefined, {token})
      Route.use(() => 'no').ws('/middleware', () => undefined, {token})
      Route.use(() => false).ws('/forbidden', () => undefined, {token})
      Route.use(() => {
        throw new Error('broken')
      }).ws('/broken', () => undefined, {token})
    })
    const closed = async (path: string) => (await (await connect(app, path, {token})).closed).code
    const status = async (...given: Parameters<typeof handshake>) =>
      (await ask(port, handshake(...given))).status
    expect(await status('/open')).toBe(101)
    expect(await status('/open', {Origin: 'https://evil.example'})).toBe(403)
    expect(await status('/nowhere')).toBe(404)
    expect(await status('/open', {'Sec-WebSocket-Key': 'short'})).toBe(400)
    expect(await status('/open', {'Sec-WebSocket-Version': '8'})).toBe(426)
    expect(await status('/http')).toBe(403)
    for (const path of ['/user', '/token', '/token', '/middleware', '/forbidden', '/broken'])
      await closed(path)
    expect(refused(await scrape(url))).toEqual({
      '403 origin': 1,
      '404 path': 1,
      '400 malformed': 1,
      '426 malformed': 1,
      '4001 auth': 1,
      // Also where the answer was the status that stands for it.
      '4002 token': 3,
      '4000 middleware': 1,
      '4003 middleware': 1,
      '1011 error': 1,
    })
  })

  it.each<[string, Partial<Limits>]>([
    ['429 maxPerIp', {maxPerIp: 1}],
    ['503 maxConnections', {maxConnections: 1}],
    ['503 acceptRate', {acceptRate: 1}],
  ])('names the limit where there is no room: %s', async (key, limits) => {
    const {url, port} = await serve({metrics, limits}, ({Route}) => Route.ws('/', () => undefined, {token}))
    const first = await raw(port)
    await first.write(handshake('/')).head()
    await ask(port, handshake('/'))
    await ask(port, handshake('/'))
    expect(refused(await scrape(url))).toEqual({[key]: 2})
    first.socket.destroy()
  })
})

describe('candy_messages_rejected_total', () => {
  it('tells why a message ended its connection', async () => {
    const limits = {maxPayload: 1_000, maxFragments: 2, messageTimeout: 200}
    const {url} = await serve({metrics, limits}, ({Route}) => Route.ws('/', () => undefined, {token}))
    const sent = async (...frames: Buffer[]) => {
      const client = (await rawClient(url)).open('/', {frames})
      expect((await client.next()).opcode).toBe(8)
      client.destroy()
    }
    await sent(frame('x'.repeat(1_001)))
    const more = craft({fin: false, opcode: 0, payload: 'a'})
    await sent(craft({fin: false, payload: 'a'}), more, more)
    await sent(frame('half').subarray(0, 5))
    expect(reasons(await scrape(url))).toEqual({too_large: 1, parts: 1, incomplete: 1})
  })

  it("tells the code of each error frame that is Candy's own, and none of the author's", async () => {
    const {app, url} = await serve(
      {metrics, controllers: [Guarded], limits: {handlerTimeout: 100}},
      ({Route}) => Route.ws('/plain', ({ws}) => ws.on('count', Count, () => null), {token}),
    )
    const [guarded, plain] = [await connect(app, '/guarded', {token}), await connect(app, '/plain', {token})]
    const codeOf = async (client: TestClient, message: unknown) => {
      client.send(message)
      return (await client.next<{code: string}>()).code
    }
    const codes = [
      await codeOf(plain, 'no JSON'),
      await codeOf(plain, {type: 'other'}),
      await codeOf(plain, {type: 'count', n: 'no'}),
    ]
    for (const type of ['user', 'forbidden', 'limited', 'room', 'broken', 'never'])
      codes.push(await codeOf(guarded, {type}))
    expect(codes.toSorted()).toEqual(Object.keys(errorCodes).toSorted())
    expect(await codeOf(guarded, {type: 'own'})).toBe('FULL')
    expect(reasons(await scrape(url))).toEqual({
      ...Object.fromEntries(codes.map(code => [code.toLowerCase(), 1])),
      too_large: 0,
      parts: 0,
      incomplete: 0,
    })
  })
})

it('connections that are cut are counted by what they were cut for', async () => {
  const {url} = await serve({metrics}, ({Route}) => {
    const route = (
      path: string,
      limits: Partial<Limits>,
      handler: (Candy: Candy) => unknown = () => undefined,
    ) => Route.ws(path, handler, {token, limits})
    route('/messages', {messageRate: 1})
    route('/bytes', {byteRate: 100, maxPayload: 100})
    route('/slow', {maxBuffered: 10_000}, ({ws}) => {
      while (ws.send('x'.repeat(1_000)));
    })
    route('/dead', {pingInterval: 100, pongTimeout: 100})
  })
  const cut = async (path: string, frames: Buffer[] = []) => {
    const client = (await rawClient(url)).open(path, {frames})
    await client.gone
    client.destroy()
  }
  const flood = (size: number) => Array.from({length: 20}, () => frame('x'.repeat(size)))
  await Promise.all([cut('/messages', flood(1)), cut('/bytes', flood(100)), cut('/slow'), cut('/dead')])
  const told = await scrape(url)
  expect(['rate_limited', 'slow', 'dead_peers'].map(name => told.value(`candy_${name}_total`))).toEqual([
    2, 1, 1,
  ])
})

describe('what a client writes', () => {
  const hostile = 'evil"} 1\ncandy_evil{x="'
  const encoded = encodeURIComponent(hostile)

  it('becomes no label, whatever it writes and wherever', async () => {
    const {app, url, port} = await serve({metrics, trustProxy: true}, ({Route}) => {
      Route.ws('/room/{id}', ({ws}) => ws.on('count', Count, () => null), {
        token,
      })
      Route.ws('/token/{id}', () => undefined)
    })
    const before = await scrape(url)
    const client = await connect(app, `/room/${encoded}?${encoded}=${encoded}`, {
      token,
      headers: {'x-forwarded-for': 'evil', traceparent: 'evil', 'user-agent': 'evil"}'},
    })
    for (const message of [
      hostile,
      {type: hostile, ref: 1},
      {type: 'count', ref: 'evil', n: hostile, [hostile]: hostile},
      Buffer.from(hostile),
    ])
      client.send(message)
    await client.take(3)
    await (
      await connect(app, `/token/${encoded}`, {token: 'evil', origin: url})
    ).closed
    for (const headers of [
      {Origin: 'https://evil.example"} 1'},
      {Origin: 'evil\\'},
      {Host: 'evil"}'},
      {'Sec-WebSocket-Protocol': 'evil"'},
      {'Sec-WebSocket-Version': 'evil'},
    ])
      await ask(port, handshake(`/nowhere/${encoded}`, headers))
    await ask(port, handshake(`/room/${encoded}`, {Origin: 'https://evil.example'}))
    await fetch(`${url}/${encoded}`, {method: 'POST', headers: {...bearer}, body: hostile})
    const told = await scrape(url)
    expect(told.text).not.toContain('evil')
    expect(told.value('candy_connections', {route: '/room/{id}'})).toBe(1)
    const names = ({samples}: Scrape) => new Set(samples.map(({name}) => name))
    expect([...names(told)].filter(name => !names(before).has(name)).toSorted()).toEqual([
      'candy_rejected_total',
    ])
  })

  it('is told apart from what the author writes, which is escaped', async () => {
    const {url} = await serve({metrics}, ({Route}) => Route.ws('/"quoted"/{id}', () => undefined, {token}))
    expect((await scrape(url)).value('candy_connections', {route: '/"quoted"/{id}'})).toBe(0)
  })
})
