import {SignJWT} from 'jose'
import {fork} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {join} from 'node:path'
import {bearer} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, onTestFinished} from 'vitest'
import {accounts, logIn, whoIs, whoIsOn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

const secret = 'the secret that no log line must hold, of 32 and more'
const marker = 'name-of-a-user-which-is-sealed'

/** What is nobody's business, as it would stand in a line. */
function secretsOf(...browsers: readonly Browser[]): string[] {
  return browsers.flatMap(({session, seal}) => [session, seal].filter(text => text !== undefined))
}

describe('6. No secret, seal, session or token stands in a log line at any level, nor in a metric', () => {
  it('row 26: over the whole life of a login, refusals and faults included', async () => {
    const metrics = {token: 'a token that is long enough'}
    const {app, url, log} = await serve({secret, metrics, routes: [accounts]}, ({Route}) => {
      Route.post('/fails', Candy => {
        Candy.Auth.login({id: marker, name: 'Ada'})
        throw new Error('no')
      })
      Route.auth.ws('/fails', () => {
        throw new Error('no')
      })
      Route.auth.use(() => false).ws('/refused', () => undefined)
      Route.post('/cyclic', Candy => Candy.Auth.login(Candy as never))
    })
    const a = new Browser(url)
    const held: string[] = [secret, marker]
    const token = await a.token()
    held.push(token, ...secretsOf(a))
    await logIn(a, {id: 1, marker})
    held.push(...secretsOf(a))
    const live = await a.connect('/live')
    await whoIsOn(live)
    for (const path of ['/fails', '/refused']) await (await a.connect(path)).closed
    await (
      await a.connect('/live', {token})
    ).closed
    await (
      await a.copy().plant('candy_user', `${a.seal!}A`).connect('/live')
    ).closed
    for (const path of ['/fails', '/cyclic', '/none']) await a.post(path)
    const fresh = await a.token()
    held.push(fresh)
    await a.post('/logout', {}, {token: `${fresh}A`})
    await a.get(`/private?_token=${fresh}`)
    app.revoke({session: a.session!})
    await live.closed
    await whoIs(a)
    await logIn(a, {id: 1, marker})
    held.push(...secretsOf(a))
    app.revoke({user: 1})
    await a.get('/private')

    expect(log.errors().length).toBeGreaterThanOrEqual(3)
    expect(log.lines.some(({level}) => level === 'debug')).toBe(true)
    const headers = {authorization: `Bearer ${metrics.token}`}
    const measured = await (await fetch(`${url}/_candy/metrics`, {headers})).text()
    expect(measured).toContain('candy_rejected_total{code="4002",why="token"} 1\n')
    const lines = JSON.stringify(log.lines) + measured
    for (const text of held) expect(lines).not.toContain(text.slice(0, 20))
  })

  it('row 26: nor a token that came in a query, whatever became of the request', async () => {
    const fail = () => {
      throw new Error('no')
    }
    const {port, url, log} = await serve({secret, routes: [accounts]}, ({Route}) => {
      Route.get('/fails', fail)
      Route.use(fail).page('/fails-before', () => 'in')
      Route.ws('/fails', fail)
      Route.use(() => false).ws('/refused', () => undefined)
    })
    const a = new Browser(url)
    const token = await a.token()
    const query = `?_token=${token}`
    const gets = ['/fails', '/fails-before', '/private', '/none', '/login', '/open', '/%zz', '/_candy/none']
    for (const path of gets) expect((await a.get(path + query)).status).toBeGreaterThanOrEqual(400)
    for (const path of ['/fails', '/refused', '/live']) await (await a.connect(path + query, {token})).closed
    await (
      await a.connect(`/open${query}`, {token: false})
    ).closed
    for (const path of ['/none', '/%zz', '//open'])
      expect((await ask(port, handshake(path + query))).status).toBeGreaterThanOrEqual(400)
    expect(log.errors()).toHaveLength(3)
    expect(JSON.stringify(log.lines)).not.toContain(token.slice(0, 20))
  })

  it(
    'row 26: nor in the memory of an app, while the connections that came with it are open',
    {timeout: 30_000},
    async () => {
      const script = join(import.meta.dirname, 'token-child.ts')
      const typescript = join(import.meta.dirname, '../support/typescript.mjs')
      const child = fork(script, {execArgv: ['--expose-gc', '--import', typescript]})
      onTestFinished(() => void child.kill())
      const told = async <T>() => ((await once(child, 'message')) as [T])[0]
      const {port} = await told<{port: number}>()
      const a = new Browser(`http://127.0.0.1:${port}`)
      const token = await a.token()
      const sockets = [await a.connect('/open', {token}), await a.connect('/open', {token})]
      for (const socket of sockets) expect(await socket.next()).toBe('in')
      // The token itself must not come to its memory by the question.
      child.send({
        keep: 'x'.repeat(token.length),
        hash: createHash('sha256').update(token).digest('hex'),
      })
      expect(await told()).toEqual({holds: false, holdsWhatIsKept: true})
      for (const socket of sockets) await socket.close()
    },
  )

  it('nor a bearer token, good, bad or beyond its keys', async () => {
    const key = new TextEncoder().encode(secret)
    const jwt = await new SignJWT({sub: '1', marker}).setProtectedHeader({alg: 'HS256'}).sign(key)
    const {app, log} = await serve({auth: bearer({secret})}, ({Route}) =>
      Route.auth.ws(
        '/x',
        () => {
          throw new Error('no')
        },
        {token: false},
      ),
    )
    const down = await serve({auth: bearer({jwks: 'http://127.0.0.1:1/jwks'})}, ({Route}) =>
      Route.auth.ws('/x', () => undefined, {token: false}),
    )
    for (const text of [jwt, `${jwt}A`, 'x'])
      for (const target of [app, down.app])
        await (
          await connect(target, '/x', {token: false, headers: {authorization: `Bearer ${text}`}})
        ).closed
    expect(log.errors()).toHaveLength(1)
    const lines = JSON.stringify([...log.lines, ...down.log.lines])
    for (const text of [secret, marker, jwt, ...jwt.split('.')])
      expect(lines).not.toContain(text.slice(0, 20))
  })
})
