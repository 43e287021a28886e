import {connect} from 'candy-ws/testing'
import {describe, expect, it, vi} from 'vitest'
import {visitor} from '../support/visitor.js'
import {auth, block, filesOf, muteLog, seedApp} from './seed.js'

// What the seed says of HTTP routes, with a `route/www.js` beside its own `route/websocket.js`.

const ada = {'x-user': 'ada'}

describe("7. 'like Route.get() and Route.post()'", () => {
  const www = {
    'web/route/www.js': `
Candy.Route.page('/chat', Candy => '<p>the page of the chat</p>')
Candy.Route.get('/chat/history', Candy => [])
Candy.Route.post('/chat', Candy => ({said: Candy.Request.data.post.text}))
`,
  }

  it('they require a valid token, as the WebSocket route does; the page, which has none to send, does not', async () => {
    const app = await seedApp(block('Route Definition'), www)
    const {url} = await app.listen({port: 0})
    const socket = await connect(app, '/chat', {token: false})
    expect(await socket.closed).toEqual({code: 4002, reason: 'Missing token'})
    expect((await fetch(`${url}/chat/history`)).status).toBe(403)
    const body = new URLSearchParams({text: 'hi'})
    expect((await fetch(`${url}/chat`, {method: 'POST', body})).status).toBe(403)
    const page = await fetch(`${url}/chat`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page.text()).toBe('<p>the page of the chat</p>')
  })

  it('one token serves all three, on the path they share', async () => {
    muteLog()
    const app = await seedApp(block('Route Definition'), www)
    const {url} = await app.listen({port: 0})
    const {headers, token, cookie} = await visitor(url)
    const socket = await connect(app, '/chat', {token, headers: {cookie}})
    expect(await socket.next()).toEqual({type: 'welcome', message: 'Connected!'})
    expect(await (await fetch(`${url}/chat/history`, {headers})).json()).toEqual([])
    const body = new URLSearchParams({text: 'hi', _token: token})
    const said = await fetch(`${url}/chat`, {method: 'POST', body, headers: {cookie}})
    expect(await said.json()).toEqual({said: 'hi'})
  })
})

describe("7. 'a consistent API pattern with HTTP routes where everything is accessed through the Candy object'", () => {
  it('one handler serves a page and a socket, as far as it needs no socket', async () => {
    const app = await seedApp(`
const greet = async Candy => {
  const {name} = Candy.Request.data.url
  Candy.ws.data.name = name
  return [name, Candy.ws.data.name, await Candy.Auth.check(), Candy.ws.id.length]
}
Candy.Route.page('/{name}', greet)
Candy.Route.ws('/{name}', async Candy => Candy.ws.send(await greet(Candy)))
`)
    const {url} = await app.listen({port: 0})
    const seen = ['ada', 'ada', false, 22]
    expect(await (await fetch(`${url}/ada`)).json()).toEqual(seen)
    expect(await (await connect(app, '/ada')).next()).toEqual(seen)
  })
})

describe("7. 'middleware just like HTTP routes'", () => {
  const www = {
    'web/route/www.js': `
Candy.Route.use('auth-check', 'rate-limit').page('/chat', Candy => 'in')
Candy.Route.use('auth-check').auth.get('/mine', Candy => 'in')
Candy.Route.auth.use('auth-check').post('/mine', Candy => 'in')
`,
    'web/middleware/auth-check.js': `module.exports = async Candy => {
  if (Candy.Request.header('x-banned')) return false
  Candy.ws.data.checked = true
}
`,
  }

  it('one middleware file stands before both', async () => {
    const app = await seedApp(block('Middleware'), www, {auth})
    const {url} = await app.listen({port: 0})
    expect(await (await fetch(`${url}/chat`)).text()).toBe('in')
    expect(await (await connect(app, '/chat')).next()).toEqual({type: 'welcome'})
    const banned = {'x-banned': '1'}
    expect((await fetch(`${url}/chat`, {headers: banned})).status).toBe(403)
    const refused = await connect(app, '/chat', {headers: banned})
    expect(await refused.closed).toEqual({code: 4003, reason: 'Forbidden'})
  })

  it('chains with auth in any order: 401 without a user, 403 without a token, then the middleware', async () => {
    const app = await seedApp(block('Middleware'), www, {auth})
    const {url} = await app.listen({port: 0})
    const {headers} = await visitor(url)
    for (const method of ['GET', 'POST']) {
      const status = async (sent: Record<string, string>) =>
        (await fetch(`${url}/mine`, {method, headers: sent})).status
      expect(await status({...headers, 'x-banned': '1'})).toBe(401)
      expect(await status({...ada, 'x-banned': '1'})).toBe(403)
      expect(await status({...ada, ...headers, 'x-banned': '1'})).toBe(403)
      expect(await status({...ada, ...headers})).toBe(200)
    }
  })
})

describe("7. 'send notification to specific user from anywhere in your app'", () => {
  it("notifyUser, called from a page, reaches that user's sockets and no others", async () => {
    muteLog()
    const code = block('Real-Time Notifications Example')
    const notifyUser = code.slice(code.indexOf('function notifyUser'))
    const websocket = filesOf(code)['web/route/websocket.js']!
    const www = `${notifyUser}
Candy.Route.page('/notify/{user}', Candy => {
  notifyUser(Candy.Request.data.url.user, 'You have mail')
  return 'sent'
})
Candy.Route.post('/notify', Candy => notifyUser(Candy.Request.data.post.user, Candy.Request.data.post.message))
`
    const app = await seedApp('', {'web/route/websocket.js': websocket, 'web/route/www.js': www}, {auth})
    const {url} = await app.listen({port: 0})
    const socketOf = (name: string) => connect(app, '/notifications', {headers: {'x-user': name}})
    const [first, second, bob] = [await socketOf('ada'), await socketOf('ada'), await socketOf('bob')]
    const {clients} = app.Route.wsServer
    await vi.waitFor(
      () => expect([...clients.values()].every(({rooms}) => rooms.size === 1)).toBe(true),
      5_000,
    )

    expect(await (await fetch(`${url}/notify/ada-id`)).text()).toBe('sent')
    const {cookie, token} = await visitor(url)
    const body = new URLSearchParams({user: 'bob-id', message: 'You too', _token: token})
    expect((await fetch(`${url}/notify`, {method: 'POST', body, headers: {cookie}})).status).toBe(204)
    expect((await fetch(`${url}/notify/nobody`)).status).toBe(200)
    app.Route.wsServer.broadcast('end')

    const mail = {type: 'notification', message: 'You have mail'}
    for (const client of [first, second]) expect(await client.take(2)).toEqual([mail, 'end'])
    expect(await bob.take(2)).toEqual([{type: 'notification', message: 'You too'}, 'end'])
  })
})
