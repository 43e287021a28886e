import {OnMessage, rateLimit, Token, Use, WsRoute, type RateLimitOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {ask, handshake, type CloseFrame} from '../support/raw.js'
import {serve} from '../support/serve.js'

afterEach(removeFolders)

const free = {token: false} as const
const tooMany = {code: 1013, reason: 'Too many connections'}
const passed = {code: 1000, reason: ''}

/** Asks so many times, one after the other, and counts the answers. */
async function knock(
  port: number,
  target: string,
  times: number,
  headers = {},
): Promise<(CloseFrame | undefined)[]> {
  const answers: (CloseFrame | undefined)[] = []
  for (let time = 0; time < times; time += 1)
    answers.push((await ask(port, handshake(target, headers))).close)
  return answers
}

describe('2. The handshake: rate-limit', () => {
  it('lets 60 a minute and address pass, refuses the 61st with 1013, and counts each place of use for itself', async () => {
    const {app, port} = await serve({trustProxy: true})
    app.Route.use('rate-limit').ws('/a', Candy => Candy.ws.close(), free)
    app.Route.use('rate-limit').ws('/b', Candy => Candy.ws.close(), free)
    expect((await knock(port, '/a', 60)).filter(one => one?.code !== 1000)).toEqual([])
    expect(await knock(port, '/a', 2)).toEqual([tooMany, tooMany])
    expect(await knock(port, '/b', 1)).toEqual([passed])
    expect(await knock(port, '/a', 1, {'X-Forwarded-For': '192.0.2.1'})).toEqual([passed])
    expect((await knock(port, '/b', 59)).filter(one => one?.code !== 1000)).toEqual([])
    expect(await knock(port, '/b', 1)).toEqual([tooMany])
  })

  it('takes other numbers, forgets after the duration, and counts what it refused', async () => {
    const {app, port} = await serve()
    const limits: RateLimitOptions = {points: 2, duration: 200}
    const twice = rateLimit(limits)
    app.Route.use(twice).ws('/a', Candy => Candy.ws.close(), free)
    app.Route.use(twice).ws('/b', Candy => Candy.ws.close(), free)
    expect(await knock(port, '/a', 3)).toEqual([passed, passed, tooMany])
    // One instance, two places.
    expect(await knock(port, '/b', 2)).toEqual([passed, passed])
    await expect.poll(() => knock(port, '/a', 1)).toEqual([passed])
  })

  it('counts an IPv6 household once, and IPv4 addresses each', async () => {
    const {app, port} = await serve({trustProxy: true})
    app.Route.use(rateLimit({points: 1})).ws('/a', Candy => Candy.ws.close(), free)
    const from = (address: string) => knock(port, '/a', 1, {'X-Forwarded-For': address})
    expect(await from('2001:db8:1:2:3:4:5:6')).toEqual([passed])
    expect(await from('2001:db8:1:2::9')).toEqual([tooMany])
    expect(await from('2001:db8:1:3::9')).toEqual([passed])
    expect(await from('192.0.2.1')).toEqual([passed])
    expect(await from('192.0.2.2')).toEqual([passed])
    expect(await from('::1')).toEqual([passed])
    expect(await from('::2')).toEqual([tooMany])
  })

  it('is not fooled by X-Forwarded-For of a peer that is not trusted', async () => {
    const {app, port} = await serve()
    app.Route.use(rateLimit({points: 1})).ws('/a', Candy => Candy.ws.close(), free)
    expect(await knock(port, '/a', 1, {'X-Forwarded-For': '192.0.2.1'})).toEqual([passed])
    expect(await knock(port, '/a', 1, {'X-Forwarded-For': '192.0.2.2'})).toEqual([tooMany])
  })

  it("answers 503 under refuse: 'http'", async () => {
    const {app, port} = await serve({refuse: 'http'})
    app.Route.use(rateLimit({points: 1})).ws('/a', Candy => Candy.ws.close(), free)
    expect((await ask(port, handshake('/a'))).status).toBe(101)
    expect((await ask(port, handshake('/a'))).status).toBe(503)
  })

  it('on a method refuses the message with RATE_LIMIT and keeps the connection', async () => {
    @WsRoute('/x')
    @Token(false)
    class Talk {
      @Use(rateLimit({points: 2})) @OnMessage('say') say() {
        return 'said'
      }
      @Use(rateLimit({points: 1})) @OnMessage('shout') shout() {
        return 'shouted'
      }
    }
    const {app} = await serve({controllers: [Talk]})
    const a = await connect(app, '/x', {token: false})
    const ask1 = async (type: string) => {
      a.send({type, ref: 1})
      return a.next()
    }
    expect(await ask1('say')).toEqual({type: 'reply', ref: 1, data: 'said'})
    expect(await ask1('say')).toEqual({type: 'reply', ref: 1, data: 'said'})
    expect(await ask1('say')).toEqual({
      type: 'error',
      ref: 1,
      code: 'RATE_LIMIT',
      message: 'Too many messages',
    })
    expect(await ask1('shout')).toEqual({type: 'reply', ref: 1, data: 'shouted'})
    expect(await ask1('shout')).toMatchObject({type: 'error', code: 'RATE_LIMIT'})
    // The address has spent them, not the connection.
    const b = await connect(app, '/x', {token: false})
    b.send({type: 'say', ref: 2})
    expect(await b.next()).toMatchObject({type: 'error', ref: 2, code: 'RATE_LIMIT'})
  })

  it("gives way to an app's own file of that name", async () => {
    const dir = makeFolder({
      'package.json': '{"type": "module"}',
      'middleware/rate-limit.js': `export default Candy => Candy.ws.close(4999, 'own')`,
    })
    const {app, port} = await serve({dir})
    app.Route.use('rate-limit').ws('/a', () => undefined, free)
    expect(await knock(port, '/a', 1)).toEqual([{code: 4999, reason: 'own'}])
  })
})
