import {createApp, type App, type AppOptions} from 'candy-ws'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {afterEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {makeFolder, removeFolders} from '../support/app-folder.js'
import {hostServer} from '../support/host.js'
import {memoryLogger} from '../support/log.js'
import {ask, raw} from '../support/raw.js'
import {signal} from '../support/serve-handlers.js'
import {visitor} from '../support/visitor.js'

afterEach(removeFolders)

const form = 'application/x-www-form-urlencoded'
const friend = 'https://app.example'

type HostRequest = IncomingMessage & {originalUrl?: string; body?: unknown}

interface HostOptions {
  /** Where the app is mounted: its listener sees the rest of the URL, and `originalUrl`. */
  readonly prefix?: string
  /** Reads the body before the app, and says what of it lies at `body`. */
  readonly parse?: (bytes: Buffer) => unknown
  /** Without: `next` is not given. */
  readonly next?: boolean
}

const fallback = 'the host'

/** What a framework does with a listener: takes off its prefix, reads bodies, and has an answer of its own. */
async function host(app: App, {prefix = '', parse, next = true}: HostOptions = {}) {
  const listener = app.http()
  const left: {url: string | undefined; headers: string[]; listeners: string[]; read: boolean}[] = []
  const theirs = (request: HostRequest, response: ServerResponse) => {
    request.url = request.originalUrl
    left.push({
      url: request.url,
      headers: response.getHeaderNames(),
      listeners: [...response.eventNames(), ...request.eventNames()].map(String),
      read: request.readableDidRead,
    })
    response.writeHead(299).end(fallback)
  }
  const serve = async (request: HostRequest, response: ServerResponse) => {
    request.originalUrl = request.url!
    if (!request.url!.startsWith(prefix)) return theirs(request, response)
    request.url = request.url!.slice(prefix.length) || '/'
    if (parse) request.body = parse(Buffer.concat((await request.toArray()) as Buffer[]))
    listener(request, response, next ? () => theirs(request, response) : undefined)
  }
  const {port} = await hostServer(createServer((request, response) => void serve(request, response)))
  return {url: `http://127.0.0.1:${port}`, port, left}
}

async function made(options: AppOptions = {}) {
  const log = memoryLogger()
  const app = await createApp({logger: log, ...options})
  onTestFinished(() => app.close({drain: 300}))
  app.Route.page('/page', () => 'page')
  app.Route.get('/get', () => 'get', {token: false})
  app.Route.post('/post', Candy => Candy.Request.data.post)
  app.Route.post('/open', Candy => Candy.Request.data.post, {token: false, limits: {maxBody: 50}})
  app.Route.ws('/ws', () => undefined)
  return {app, log}
}

const told = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init)
  return [response.status, await response.text()]
}

describe('7. app.http() beside others', () => {
  it('answers the token and its own page, get and post', async () => {
    const {app} = await made()
    const {url, left} = await host(app)
    expect(await told(`${url}/page`)).toEqual([200, 'page'])
    expect(await told(`${url}/page/?a=1`)).toEqual([200, 'page'])
    expect((await fetch(`${url}/page`, {method: 'HEAD'})).status).toBe(200)
    expect(await told(`${url}/get`)).toEqual([200, 'get'])
    const {headers} = await visitor(url)
    const body = new URLSearchParams({a: '1'})
    expect(await told(`${url}/post`, {method: 'POST', body, headers})).toEqual([200, '{"a":"1"}'])
    expect((await fetch(`${url}/post`, {method: 'POST', body})).status).toBe(403)
    expect((await fetch(`${url}/_candy/none`)).status).toBe(404)
    expect((await fetch(`${url}/_candy?a`, {redirect: 'manual'})).status).toBe(308)
    expect((await fetch(`${url}/page`)).headers.get('x-content-type-options')).toBe('nosniff')
    expect(left).toEqual([])
  })

  it.each([
    ['GET', '/'],
    ['GET', '/none?a=%zz'],
    ['POST', '/page'],
    ['GET', '/post'],
    ['PUT', '/post'],
    ['GET', '/ws'],
    ['OPTIONS', '/post'],
    ['GET', '/a.txt'],
    ['GET', '/_candyx'],
    ['GET', '/x/_candy/token'],
    ['GET', '//_candy/token'],
    ['GET', '/..%2fpage'],
    ['GET', `/${'a'.repeat(3_000)}`],
    ['GET', 'http://127.0.0.1/page'],
  ])('leaves %s %s to the host, untouched', async (method, target) => {
    const {app, log} = await made({dir: makeFolder({'public/a.txt': 'a'})})
    const {port, left} = await host(app)
    const answer = await ask(port, `${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(answer.status).toBe(299)
    expect(answer.headers.has('x-content-type-options')).toBe(false)
    const {left: untouched} = await bare()
    expect(left).toEqual([{...untouched, url: target}])
    expect(log.lines).toEqual([])
  })

  it('answers 404, 405, 426 and 400 itself where there is nobody else', async () => {
    const {app} = await made({dir: makeFolder({'public/a.txt': 'a'})})
    const {url} = await host(app, {next: false})
    for (const path of ['/none', '/a.txt']) expect((await fetch(url + path)).status).toBe(404)
    expect((await fetch(`${url}/page`, {method: 'POST'})).headers.get('allow')).toBe('GET, HEAD')
    expect((await fetch(`${url}/ws`)).status).toBe(426)
    expect((await fetch(`${url}/%zz`)).status).toBe(400)
    expect(await told(`${url}/page`)).toEqual([200, 'page'])
  })

  it('reads the whole URL where it is mounted under a part of it', async () => {
    const {app} = await made()
    app.Route.page('/api/page/{id}', Candy => [Candy.Request.url, Candy.Request.data.url.id])
    const candy = await host(app, {prefix: '/_candy'})
    await visitor(candy.url)
    expect(await told(`${candy.url}/page`)).toEqual([299, fallback])
    const {url, left} = await host(app, {prefix: '/api'})
    expect(await told(`${url}/api/page/7?a=1`)).toEqual([200, '["/api/page/7?a=1","7"]'])
    expect(await told(`${url}/api/page`)).toEqual([299, fallback])
    expect(left.map(one => one.url)).toEqual(['/api/page'])
  })

  it('serves routes that are added later, and preflights of its own', async () => {
    const {app} = await made({origins: [friend]})
    const {url} = await host(app)
    expect(await told(`${url}/late`)).toEqual([299, fallback])
    app.Route.page('/late', () => 'late')
    expect(await told(`${url}/late`)).toEqual([200, 'late'])
    const headers = {origin: friend, 'access-control-request-method': 'POST'}
    const preflight = await fetch(`${url}/post`, {method: 'OPTIONS', headers})
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, friend])
    expect((await fetch(`${url}/none`, {method: 'OPTIONS', headers})).status).toBe(299)
  })
})

/** How a request looks that nobody has touched. */
async function bare() {
  const app = await createApp()
  onTestFinished(() => app.close())
  const {port, left} = await host(app, {prefix: '/never'})
  await ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  return {left: left[0]!}
}

describe('7. a body that the host has read', () => {
  const send = async (parse: HostOptions['parse'], body = 'a=1', type = form) => {
    const {app, log} = await made()
    const {url} = await host(app, {parse})
    const answer = await told(`${url}/open`, {method: 'POST', body, headers: {'content-type': type}})
    return {answer, log}
  }

  it('is taken from `request.body`, with fields of any type', async () => {
    const fields = {a: ['x', 'y'], n: {m: 1}}
    expect((await send(() => fields)).answer).toEqual([200, JSON.stringify(fields)])
    const bare = Object.assign(Object.create(null) as object, {a: '1'})
    expect((await send(() => bare)).answer).toEqual([200, '{"a":"1"}'])
    const proto = JSON.parse('{"__proto__":{"admin":true},"a":1}') as object
    expect((await send(() => proto)).answer).toEqual([200, '{"__proto__":{"admin":true},"a":1}'])
  })

  it('may carry the token, as a body that we read ourselves may', async () => {
    const {app} = await made()
    const {url} = await host(app, {parse: bytes => Object.fromEntries(new URLSearchParams(bytes.toString()))})
    const {cookie, token} = await visitor(url)
    const body = new URLSearchParams({_token: token, a: '1'})
    expect((await fetch(`${url}/post`, {method: 'POST', body, headers: {cookie}})).status).toBe(200)
    expect((await fetch(`${url}/post`, {method: 'POST', body})).status).toBe(403)
  })

  it('is parsed where it is text or bytes', async () => {
    expect((await send(bytes => bytes)).answer).toEqual([200, '{"a":"1"}'])
    expect((await send(bytes => bytes.toString())).answer).toEqual([200, '{"a":"1"}'])
    expect((await send(bytes => bytes, '{"a":2}', 'application/json')).answer).toEqual([200, '{"a":2}'])
    expect((await send(bytes => bytes, '{"a":', 'application/json')).answer[0]).toBe(400)
    expect((await send(bytes => bytes, 'a', 'text/plain')).answer[0]).toBe(415)
  })

  it.each([[[1]], [null], [1], [true]])('is 400 where it is %j', async value => {
    expect((await send(() => value)).answer[0]).toBe(400)
  })

  it('is 500, with a line that says what to do, where the host has read it and left nothing at `request.body`', async () => {
    const {answer, log} = await send(() => undefined)
    expect(answer).toEqual([500, 'Internal Server Error\n'])
    expect(log.errors()).toHaveLength(1)
    expect(log.errors()[0]!['error']).toContain('put app.http() first')
  })

  it('is read by us where the host has not read it, though Express leaves `{}` at `request.body` for types it does not know', async () => {
    const {app} = await made()
    const {url} = await host(app)
    const body = new URLSearchParams({a: '1'})
    expect(await told(`${url}/open`, {method: 'POST', body})).toEqual([200, '{"a":"1"}'])
    expect(
      (
        await fetch(`${url}/open`, {
          method: 'POST',
          body: 'a='.padEnd(51, 'x'),
          headers: {'content-type': form},
        })
      ).status,
    ).toBe(413)
    expect(await told(`${url}/open`, {method: 'POST'})).toEqual([200, '{}'])
  })
})

describe('7. app.http() and the end of the app', () => {
  it('throws once the app is closed', async () => {
    const {app} = await made()
    await app.close()
    expect(() => app.http()).toThrow('The app is closed')
  })

  it('a listener that the host still calls passes everything on to next, or answers 503 without one', async () => {
    const {app} = await made()
    const [beside, alone] = [await host(app), await host(app, {next: false})]
    await app.close()
    for (const path of ['/page', '/_candy/token']) {
      expect(await told(beside.url + path)).toEqual([299, fallback])
      const response = await fetch(alone.url + path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    }
  })

  it('close() waits for answers under way', async () => {
    const {app} = await made()
    const [entered, release] = [signal(), signal()]
    app.Route.page('/slow', async () => {
      entered.fire()
      await release.fired
      return 'whole'
    })
    const {url} = await host(app)
    const answer = told(`${url}/slow`)
    await entered.fired
    const closed = vi.fn()
    const closing = app.close({drain: 8_000}).then(closed)
    expect(await told(`${url}/page`)).toEqual([299, fallback])
    expect(closed).not.toHaveBeenCalled()
    release.fire()
    expect(await answer).toEqual([200, 'whole'])
    await closing
  })

  it('close() waits no longer than its drain time, and leaves the connection to the host', async () => {
    const {app} = await made()
    const entered = signal()
    app.Route.page('/never', () => {
      entered.fire()
      return new Promise(() => undefined)
    })
    const {port, url} = await host(app)
    const client = await raw(port)
    client.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.fired
    await app.close({drain: 100})
    expect(client.socket.destroyed).toBe(false)
    expect(await told(url)).toEqual([299, fallback])
    client.reset()
  })

  it('close() does not wait for a request whose client left while the host was busy with it', async () => {
    const {app} = await made()
    const ran = vi.fn()
    app.Route.page('/late', ran)
    const [entered, left] = [signal(), signal()]
    const listener = app.http()
    const {port} = await hostServer(
      createServer((request, response) => {
        request.socket.once('close', () => {
          listener(request, response)
          left.fire()
        })
        entered.fire()
      }),
    )
    const client = await raw(port)
    client.write('GET /late HTTP/1.1\r\nHost: a\r\n\r\n')
    await entered.fired
    client.reset()
    await left.fired
    expect(ran).not.toHaveBeenCalled()
    const start = performance.now()
    await app.close({drain: 8_000})
    expect(performance.now() - start).toBeLessThan(4_000)
  })
})
