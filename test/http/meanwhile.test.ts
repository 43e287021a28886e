import type {App} from 'candy-ws'
import {describe, expect, it} from 'vitest'
import {accounts, logIn} from '../support/accounts.js'
import {Browser} from '../support/browser.js'
import {raw, type Raw} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const body = 'amount=100'

/** A post of which everything but the last byte has come. */
async function slowPost(port: number, path: string, browser: Browser, token: string): Promise<Raw> {
  const client = await raw(port)
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Cookie: ${browser.cookie}`,
    `X-Candy-Token: ${token}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ]
  return client.write(`${lines.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`)
}

/** Somebody who has logged in, at a site whose posts tell what of them ran. */
async function site() {
  const ran: string[] = []
  const [inMiddleware, goOn] = [signal(), signal()]
  const served = await serve({routes: [accounts]}, ({Route}) => {
    const pay = () => void ran.push('handler')
    Route.auth.use(() => void ran.push('middleware')).post('/pay', pay)
    Route.use(() => void ran.push('middleware')).post('/say', pay)
    Route.auth
      .use(async () => {
        inMiddleware.fire()
        await goOn.fired
      })
      .post('/busy', pay)
  })
  const a = new Browser(served.url)
  await logIn(a, {id: 1})
  return {...served, a, token: await a.token(), ran, inMiddleware, goOn}
}

const ends: Record<string, (app: App, a: Browser) => unknown> = {
  'a logout': (_app, a) => a.post('/logout'),
  'another login': (_app, a) => logIn(a, {id: 2}),
  'revoke of the session': (app, a) => app.revoke({session: a.session!}),
  'revoke of the user': (app, _a) => app.revoke({user: 1}),
}

describe('6. Whoever logged out while their post was under way is nobody any more', () => {
  it.each(Object.keys(ends))('with a body that came slowly: %s', async how => {
    const {app, a, port, token, ran} = await site()
    const old = a.copy()
    const client = await slowPost(port, '/pay', old, token)
    // What was sent before on another connection is read before.
    await a.get('/plain')
    await ends[how]!(app, a)
    expect((await client.write(body.slice(-1)).head()).status).toBe(401)
    expect(ran).toEqual([])
    client.reset()
  })

  it('where only a token is asked for, which is void', async () => {
    const {a, port, token, ran} = await site()
    const client = await slowPost(port, '/say', a.copy(), token)
    await a.get('/plain')
    await a.post('/logout')
    expect((await client.write(body.slice(-1)).head()).status).toBe(403)
    expect(ran).toEqual([])
    client.reset()
  })

  it('with a middleware that took its time', async () => {
    const {a, token, ran, inMiddleware, goOn} = await site()
    const answer = a.copy().post('/busy', {}, {token})
    await inMiddleware.fired
    await a.post('/logout')
    goOn.fire()
    expect((await answer).status).toBe(401)
    expect(ran).toEqual([])
  })

  it("is not another user's concern", async () => {
    const {app, a, port, token, ran} = await site()
    const client = await slowPost(port, '/pay', a, token)
    await a.get('/plain')
    app.revoke({user: 2})
    app.revoke({session: 'A'.repeat(22)})
    expect((await client.write(body.slice(-1)).head()).status).toBe(204)
    expect(ran).toEqual(['middleware', 'handler'])
    client.reset()
  })
})
