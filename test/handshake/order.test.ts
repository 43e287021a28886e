import type {Candy} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {ask, handshake} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

const foreign = {Origin: 'https://evil.example'}

describe('2. The handshake: order and verdicts', () => {
  it('asks path, Origin, auth, token, middleware, in that order, and runs the handler last', async () => {
    const asked: string[] = []
    let user: {id: number} | null = null
    let verdict: unknown = false
    const {app, port} = await serve({
      auth: () => {
        asked.push('auth')
        return user
      },
    })
    const guard = () => {
      asked.push('middleware')
      return verdict
    }
    app.Route.auth.use(guard).ws('/all', () => void asked.push('handler'))
    app.Route.auth.use(guard).ws('/free', Candy => done(Candy, asked), {token: false})
    const steps = async (target: string, headers: Record<string, string> = {}) => {
      asked.length = 0
      const {status, close} = await ask(port, handshake(target, headers))
      return [close ?? status, ...asked]
    }

    expect(await steps('/none', foreign)).toEqual([404])
    expect(await steps('/all', foreign)).toEqual([403])
    expect(await steps('/all')).toEqual([{code: 4001, reason: 'Unauthorized'}, 'auth'])
    user = {id: 1}
    expect(await steps('/all')).toEqual([{code: 4002, reason: 'Missing token'}, 'auth'])
    expect(await steps('/all', {'Sec-WebSocket-Protocol': 'candy.v1, candy-token-x'})).toEqual([
      {code: 4002, reason: 'Invalid token'},
      'auth',
    ])
    expect(await steps('/free')).toEqual([{code: 4003, reason: 'Forbidden'}, 'auth', 'middleware'])
    verdict = true
    expect(await steps('/free')).toEqual([{code: 1000, reason: 'bye'}, 'auth', 'middleware', 'handler'])
  })

  it.each([
    ['false', false, {code: 4003, reason: 'Forbidden'}],
    ['null', null, {code: 4000, reason: 'Middleware rejected'}],
    ['0', 0, {code: 4000, reason: 'Middleware rejected'}],
    ['an empty string', '', {code: 4000, reason: 'Middleware rejected'}],
    ['"true"', 'true', {code: 4000, reason: 'Middleware rejected'}],
    ['an object', {}, {code: 4000, reason: 'Middleware rejected'}],
    ['true', true, {code: 1000, reason: 'bye'}],
    ['undefined', undefined, {code: 1000, reason: 'bye'}],
  ])(
    'closes as the table says when middleware returns %s, at once or later',
    async (_name, answer, close) => {
      const {app, port} = await serve()
      app.Route.use(() => answer).ws('/now', Candy => done(Candy), {token: false})
      app.Route.use(async () => answer).ws('/later', Candy => done(Candy), {token: false})
      expect((await ask(port, handshake('/now'))).close).toEqual(close)
      expect((await ask(port, handshake('/later'))).close).toEqual(close)
    },
  )

  it('runs middleware first to last and stops at the first no', async () => {
    const ran: number[] = []
    const step = (n: number, answer: unknown) => () => {
      ran.push(n)
      return answer
    }
    const {app, port} = await serve()
    app.Route.use(step(1, true), step(2, undefined))
      .use(step(3, false))
      .ws('/x', () => ran.push(9), {token: false, use: [step(4, true)]})
    expect((await ask(port, handshake('/x'))).close?.code).toBe(4003)
    expect(ran).toEqual([1, 2, 3])
  })

  it("answers every close code with the status that stands for it under refuse: 'http'", async () => {
    const {app, port, log} = await serve({refuse: 'http', auth: () => null})
    const route = (path: string, guard: (candy: Candy) => unknown) =>
      app.Route.use(guard).ws(path, () => undefined, {token: false})
    app.Route.auth.ws('/4001', () => undefined)
    app.Route.ws('/4002', () => undefined)
    route('/4003', () => false)
    route('/4000', () => 'no')
    route('/1013', Candy => Candy.ws.close(1013, 'busy'))
    route('/1011', boom)
    route('/4444', Candy => Candy.ws.close(4444, 'mine'))
    route('/1000', Candy => Candy.ws.close())
    app.Route.use(() => false).ws('/close', () => undefined, {token: false, refuse: 'close'})

    const statuses: Record<string, number> = {}
    for (const path of ['/4001', '/4002', '/4003', '/4000', '/1013', '/1011', '/4444', '/1000'])
      statuses[path] = (await ask(port, handshake(path))).status
    expect(statuses).toEqual({
      '/4001': 401,
      '/4002': 403,
      '/4003': 403,
      '/4000': 400,
      '/1013': 503,
      '/1011': 500,
      '/4444': 403,
      '/1000': 403,
    })
    const bad = handshake('/4002', {'Sec-WebSocket-Protocol': 'candy-token-x'})
    expect((await ask(port, bad)).status).toBe(403)
    expect((await ask(port, handshake('/close'))).close?.code).toBe(4003)
    expect(log.errors()).toHaveLength(1)
    await expect.poll(() => heldBy(app)).toEqual(nothing)
  })
})

function done(candy: Candy, asked: string[] = []): void {
  asked.push('handler')
  candy.ws.close(1000, 'bye')
}

function boom(): never {
  throw new Error('boom')
}
