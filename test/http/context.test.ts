import type {Candy, Handler} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it, vi} from 'vitest'
import {ask, raw} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {signal} from '../support/serve-handlers.js'

const one = (handler: Handler<Candy>) => serve({}, ({Route}) => Route.page('/', handler))

describe('3. Candy.Request over HTTP', () => {
  it('has parameters, query and fields apart, and parameters over the query', async () => {
    const look = ({Request: {data, method, url}}: Candy) => [
      method,
      url,
      {...data.url},
      {...data.get},
      {...data.post},
    ]
    const {url} = await serve({}, ({Route}) => {
      Route.page('/room/{id}', look)
      Route.post('/room/{id}', look, {token: false})
    })
    const target = '/room/7?id=8&a=%C3%A9&a=2&b'
    const apart = [
      {id: '7', a: 'é', b: ''},
      {id: '8', a: 'é', b: ''},
    ]
    expect(await (await fetch(url + target)).json()).toEqual(['GET', target, ...apart, {}])
    const body = new URLSearchParams({id: '9', a: 'field'})
    const post = await fetch(url + target, {method: 'POST', body})
    expect(await post.json()).toEqual(['POST', target, ...apart, {id: '9', a: 'field'}])
  })

  it('has headers, cookies, address and host', async () => {
    const {port} = await one(({Request}) => [
      Request.header('X-Mine'),
      Request.header('none'),
      Request.cookie('a'),
      Request.ip,
      Request.host,
    ])
    const client = await raw(port)
    const lines = ['Host: app.example:81', 'x-mine: yes', 'Cookie: a=%C3%A9; a=2', 'X-Forwarded-For: 1.2.3.4']
    await client.write(`GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`).closed
    expect(client.received.toString()).toMatch(/\["yes",null,"é","127.0.0.1","app.example:81"\]$/)
  })

  it('believes a proxy where trustProxy says so', async () => {
    const {url} = await serve({trustProxy: true}, ({Route}) =>
      Route.page('/', ({Request}) => [Request.ip, Request.host]),
    )
    const headers = {'x-forwarded-for': '9.9.9.9, 198.51.100.7', 'x-forwarded-host': 'app.example'}
    expect(await (await fetch(url, {headers})).json()).toEqual(['198.51.100.7', 'app.example'])
  })

  it.each([
    ['/%', 400],
    ['/%c0%af', 400],
    ['/a%2fb', 400],
    ['/a%5cb', 400],
    ['/a\\b', 400],
    ['/a%00', 400],
    ['/../a', 400],
    ['/a/%2e%2e/a', 400],
    ['//a', 400],
    ['/a?b=%', 400],
    ['/a?b=%00', 400],
    ['/a#b', 400],
    ['*', 400],
    ['http://a/a', 400],
    [`/${'a'.repeat(2_048)}`, 414],
    [`/a?${'b'.repeat(2_048)}`, 414],
  ])('the target %s runs nothing', async (target, status) => {
    const ran = vi.fn()
    const {port, log} = await serve({}, ({Route}) => Route.page('/{any}', ran))
    const answer = await ask(port, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(ran).not.toHaveBeenCalled()
    expect(log.errors()).toEqual([])
  })
})

describe('3. Candy.ws in an HTTP route', () => {
  it('has an id, data and rooms of its own, and nothing of a socket', async () => {
    const {app, url} = await one(({ws}) => {
      ws.data['seen'] = true
      return [ws.id, ws.data, [...ws.rooms], ws.readyState, ws.user]
    })
    const [first, second] = [await (await fetch(url)).json(), await (await fetch(url)).json()] as unknown[][]
    expect(first).toEqual([expect.stringMatching(/^[\w-]{22}$/), {seen: true}, [], 0, null])
    expect(second![0]).not.toBe(first![0])
    expect(app.Route.wsServer.clientCount).toBe(0)
  })

  it.each<[string, (candy: Candy) => unknown]>([
    ['send', ({ws}) => ws.send('x')],
    ['send', ({ws}) => ws.sendBinary(Buffer.from('x'))],
    ['on', ({ws}) => ws.on('message', () => undefined)],
    ['on', ({ws}) => ws.once('close', () => undefined)],
    ['on', ({ws}) => ws.on('say', class {}, () => undefined)],
    ['join', ({ws}) => ws.join('room')],
    ['ping', ({ws}) => ws.ping()],
  ])('%s() says that there is no socket, and how to reach others', async (member, act) => {
    let told = ''
    const {url, log} = await serve({}, ({Route}) => {
      const tell = (candy: Candy) => {
        try {
          act(candy)
        } catch (error) {
          told = (error as Error).message
        }
      }
      Route.page('/', tell)
      Route.use(tell).page('/middleware', () => undefined)
      Route.page('/thrown', candy => act(candy))
    })
    for (const path of ['/', '/middleware']) {
      told = ''
      expect((await fetch(url + path)).status).toBe(204)
      expect(told).toContain(`Candy.ws.${member}() in an HTTP route: there is no WebSocket`)
      expect(told).toContain('Candy.ws.to()')
    }
    expect((await fetch(`${url}/thrown`)).status).toBe(500)
    expect(log.errors()).toHaveLength(1)
  })

  it('to().send(), broadcast() and wsServer reach the sockets they name, and no others', async () => {
    const {app, url} = await serve({}, ({Route}) => {
      Route.ws('/{room}', Candy => Candy.ws.join(Candy.Request.data.url['room']!).send('in'), {token: false})
      Route.page('/to', ({ws}) => ws.to('a').send({to: 'a'}))
      Route.page('/except', ({ws, Request}) => ws.to('a', 'b').except(Request.data.get['id']!).send('rest'))
      Route.page('/broadcast', ({ws}) => ws.broadcast('all'))
      Route.page('/server', ({Route: {wsServer}}) => wsServer.toRoom('b', 'server'))
      Route.use(({ws}) => ws.to('a').send('middleware')).page('/middleware', () => 'ok')
    })
    const [a, b] = [await connect(app, '/a'), await connect(app, '/b')]
    for (const client of [a, b]) expect(await client.next()).toBe('in')
    const [idOfA] = [...app.Route.wsServer.clients.keys()]
    for (const path of ['/to', `/except?id=${idOfA}`, '/broadcast', '/server', '/middleware'])
      expect((await fetch(url + path)).ok).toBe(true)
    app.Route.wsServer.broadcast('end')
    const heard = async (client: typeof a) => {
      const all: unknown[] = []
      for (let next = await client.next(); next !== 'end'; next = await client.next()) all.push(next)
      return all
    }
    expect(await heard(a)).toEqual([{to: 'a'}, 'all', 'middleware'])
    expect(await heard(b)).toEqual(['rest', 'all', 'server'])
  })
})

describe('3. the end of an HTTP request', () => {
  it('aborts Candy.signal and ends timers once the answer is out', async () => {
    const ticks = vi.fn()
    const ended = signal()
    const {url} = await one(Candy => {
      Candy.signal.addEventListener('abort', () => ended.fire())
      Candy.setInterval(ticks, 1)
      Candy.setTimeout(ticks, 50)
      return Candy.signal.aborted
    })
    expect(await (await fetch(url)).json()).toBe(false)
    await ended.fired
    ticks.mockClear()
    await new Promise(resolve => setTimeout(resolve, 80))
    expect(ticks).not.toHaveBeenCalled()
  })

  it('runs timers while the answer is still to come', async () => {
    const {url} = await one(Candy => new Promise(resolve => Candy.setTimeout(() => resolve('timer'), 5)))
    expect(await (await fetch(url)).text()).toBe('timer')
  })

  it.each([
    ['a request', 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n', 1],
    ['requests that wait behind it', 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3), 3],
    [
      'a post',
      'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}',
      1,
    ],
    [
      'posts that wait behind it',
      'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}'.repeat(
        3,
      ),
      3,
    ],
  ])('aborts Candy.signal and ends timers when the client of %s goes', async (_, text, count) => {
    const ticks = vi.fn()
    const [entered, ended] = [signal(), signal()]
    const seen = {entered: 0, ended: 0}
    const {app, port, log} = await serve({}, ({Route}) => {
      const slow = (Candy: Candy) => {
        Candy.setInterval(ticks, 1)
        if ((seen.entered += 1) === count) entered.fire()
        return new Promise<void>(resolve => {
          Candy.signal.addEventListener('abort', () => {
            if ((seen.ended += 1) === count) ended.fire()
            resolve()
          })
        })
      }
      Route.page('/slow', slow)
      Route.post('/slow', slow, {token: false})
    })
    const client = await raw(port)
    client.write(text)
    await entered.fired
    client.reset()
    await ended.fired
    ticks.mockClear()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(ticks).not.toHaveBeenCalled()
    const start = performance.now()
    await app.close({drain: 8_000})
    expect(performance.now() - start).toBeLessThan(4_000)
    expect(log.errors()).toEqual([])
  })

  it("logs what a timer throws, with the route's template", async () => {
    const done = signal()
    const {url, log} = await one(async Candy => {
      Candy.setTimeout(() => {
        done.fire()
        throw new Error('in a timer')
      }, 1)
      await done.fired
      return 'ok'
    })
    expect(await (await fetch(url)).text()).toBe('ok')
    expect(log.errors()).toEqual([
      expect.objectContaining({route: '/', error: 'Error: in a timer', message: 'uncaught in timer'}),
    ])
  })
})
