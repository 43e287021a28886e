import {BootError, createApp, type App, type CandyRoot} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {ask} from '../support/raw.js'
import {serve} from '../support/serve.js'
import {visitor} from '../support/visitor.js'

const kinds = ['page', 'get', 'post'] as const
const open = {token: false}
const answers = (text: string) => () => text

const apps: App[] = []
afterEach(() => Promise.all(apps.splice(0).map(app => app.close({drain: 200}))))

async function made(declare: (root: CandyRoot) => void, options: object = {}): Promise<App> {
  const app = await createApp({...options, routes: [declare]})
  apps.push(app)
  return app
}

async function problemsOf(declare: (root: CandyRoot) => void) {
  const refused = await made(declare).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(BootError)
  return (refused as BootError).problems
}

/** Status and text of an answer. */
async function told(url: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(url, init)
  return [response.status, await response.text()]
}

describe('1. One route table: HTTP routes stand in it', () => {
  it.each(kinds)('a %s is a row as any other, frozen', async kind => {
    const handler = () => undefined
    const app = await made(({Route}) => Route.auth.use('rate-limit')[kind]('/a/<id>/', handler))
    const [route, ...more] = app.routes()
    expect(more).toEqual([])
    expect(route).toEqual({
      kind,
      path: '/a/{id}',
      params: ['id'],
      token: kind !== 'page',
      auth: true,
      use: ['rate-limit'],
      options: {},
      handler,
      source: expect.stringMatching(/routes\.test\.ts:\d+$/) as string,
    })
    expect(Object.isFrozen(route)).toBe(true)
  })

  it('says in `options` what was given, without token, auth, use and defaults', async () => {
    const app = await made(({Route}) => {
      Route.page('/default', answers(''), {token: false, auth: false, use: [], public: false})
      Route.post('/own', answers(''), {origins: ['https://a.example'], public: true, limits: {maxBody: 5}})
    })
    expect(app.routes().map(route => route.options)).toEqual([
      {},
      {origins: ['https://a.example'], public: true, limits: {maxBody: 5}},
    ])
  })

  it('composes use and auth in any order, and nothing leaks from one chain to the next', async () => {
    const app = await made(({Route}) => {
      const {auth} = Route
      const first = Route.use('rate-limit')
      auth.use('rate-limit').get('/1', answers(''))
      first.auth.get('/2', answers(''))
      first.use(answers('x')).auth.post('/3', answers(''))
      first.page('/4', answers(''), {use: ['rate-limit']})
      auth.page('/5', answers(''))
      Route.page('/6', answers(''))
    })
    expect(app.routes().map(({auth, use}) => [auth, use.length])).toEqual([
      [true, 1],
      [true, 1],
      [true, 2],
      [false, 2],
      [true, 0],
      [false, 0],
    ])
  })

  it('static beats parameter, values are decoded once, a trailing slash is ignored', async () => {
    const {url} = await serve({}, ({Route}) => {
      Route.page('/user/me', answers('me'))
      Route.page('/user/{id}', Candy => `user ${Candy.Request.data.url.id}`)
      Route.page('/a.b/(c)+', answers('literal'))
    })
    expect(await told(`${url}/user/me/`)).toEqual([200, 'me'])
    expect(await told(`${url}/user/M%C3%A9%2541/?id=8`)).toEqual([200, 'user Mé%41'])
    expect(await told(`${url}/a.b/(c)+`)).toEqual([200, 'literal'])
    expect((await told(`${url}/axb/(c)+`))[0]).toBe(404)
    expect((await told(`${url}/user`))[0]).toBe(404)
    expect((await told(`${url}/user/%zz`))[0]).toBe(400)
  })

  it.each([
    ['page', 'post'],
    ['page', 'ws'],
    ['get', 'post'],
    ['get', 'ws'],
    ['post', 'ws'],
  ] as const)('%s and %s live on one path, and each answers its own', async (one, other) => {
    const {app, url} = await serve({}, ({Route}) => {
      for (const kind of [one, other])
        Route[kind]('/both', Candy => (kind === 'ws' ? Candy.ws.send('ws') : kind), open)
    })
    for (const kind of [one, other]) {
      if (kind === 'ws') expect(await (await connect(app, '/both')).next()).toBe('ws')
      else expect(await told(`${url}/both`, {method: kind === 'post' ? 'POST' : 'GET'})).toEqual([200, kind])
    }
  })

  it.each([
    ['page', 'get'],
    ['get', 'page'],
  ] as const)('%s and %s on one path are refused, naming both kinds and places', async (one, other) => {
    const [problem, ...more] = await problemsOf(({Route}) => {
      Route[one]('/same/{a}', answers(''))
      Route[other]('/same/<b>', answers(''))
    })
    expect(more).toEqual([])
    expect(problem).toMatchObject({code: 'DUPLICATE_ROUTE'})
    expect(problem!.message).toMatch(
      new RegExp(`^the ${other} /same/\\{b\\} .* the ${one} /same/\\{a\\} at \\S+routes\\.test\\.ts:\\d+$`),
    )
    expect(problem!.place).toMatch(/routes\.test\.ts:\d+$/)
    expect(problem!.message).not.toContain(problem!.place)
  })

  it.each(kinds)('a second %s for the same addresses is refused', async kind => {
    const problems = await problemsOf(({Route}) => {
      Route[kind]('/a/{x}', answers(''))
      Route[kind]('/a/<y>/', answers(''))
    })
    expect(problems).toMatchObject([{code: 'DUPLICATE_ROUTE'}])
  })

  it('every fault of a page, get or post is told at once, with its line and remedy', async () => {
    const problems = await problemsOf(({Route}) => {
      Route.page('no-slash', answers(''))
      Route.get('/{a}/{a}', answers(''))
      Route.post('/none', undefined as never)
      Route.use('nobody').post('/unknown', answers(''))
      Route.post('/open', answers(''), {token: false, auth: true, origins: '*'})
    })
    expect(problems.map(({code}) => code)).toEqual([
      'MALFORMED_PATH',
      'DUPLICATE_PARAMETER',
      'NOT_A_FUNCTION',
      'UNKNOWN_MIDDLEWARE',
      'UNSAFE_ROUTE',
    ])
    expect(new Set(problems.map(({place}) => place)).size).toBe(5)
    for (const {remedy} of problems) expect(remedy).not.toBe('')
  })

  it('an option of sockets is unknown to HTTP routes, and one of bodies to sockets', async () => {
    const problems = await problemsOf(({Route}) => {
      // @ts-expect-error a page is refused with a status anyway
      Route.page('/1', answers(''), {refuse: 'http'})
      // @ts-expect-error nothing is handled at once
      Route.get('/2', answers(''), {parallel: 2})
      // @ts-expect-error an Origin is asked of sockets alone
      Route.post('/3', answers(''), {requireOrigin: true})
      // @ts-expect-error a body is no message
      Route.post('/4', answers(''), {limits: {maxPayload: 1}})
      // @ts-expect-error a socket has messages
      Route.ws('/5', answers(''), {limits: {maxBody: 1}})
    })
    expect(problems.map(({code, message}) => [code, message])).toEqual([
      ['INVALID_OPTION', "unknown option 'refuse' of a page route"],
      ['INVALID_OPTION', "unknown option 'parallel' of a get route"],
      ['INVALID_OPTION', "unknown option 'requireOrigin' of a post route"],
      ['INVALID_OPTION', "unknown option 'maxPayload' of the limits of a post route"],
      ['INVALID_OPTION', "unknown option 'maxBody' of the limits of a route"],
    ])
  })

  it('a route added after listen works; a faulty one throws where it is added and takes no address', async () => {
    const {app, url} = await serve({}, ({Route}) => Route.page('/first', answers('first')))
    app.Route.post('/late', Candy => ({got: Candy.Request.data.post['a']}), open)
    const body = new URLSearchParams({a: '1'})
    expect(await told(`${url}/late`, {method: 'POST', body})).toEqual([200, '{"got":"1"}'])
    expect(() => app.Route.get('/first', answers(''))).toThrow(BootError)
    expect(() => app.Route.use('nobody').page('/second', answers(''))).toThrow('nobody')
    app.Route.page('/second', answers('second'))
    expect(await told(`${url}/second`)).toEqual([200, 'second'])
    expect(await told(`${url}/first`)).toEqual([200, 'first'])
  })

  it('strict takes no route after listen', async () => {
    const {app, url} = await serve({strict: true}, ({Route}) => Route.page('/a', answers('a')))
    expect(() => app.Route.page('/b', answers('b'))).toThrow('strict: true')
    expect((await told(`${url}/b`))[0]).toBe(404)
    expect(await told(`${url}/a`)).toEqual([200, 'a'])
  })

  it('two apps in one process do not meet', async () => {
    const one = await serve({}, ({Route}) => Route.page('/', answers('one')))
    const two = await serve({}, ({Route}) => Route.post('/', answers('two')))
    expect(await told(one.url)).toEqual([200, 'one'])
    expect((await told(two.url))[0]).toBe(405)
    const {headers} = await visitor(two.url)
    expect(await told(two.url, {method: 'POST', headers})).toEqual([200, 'two'])
  })
})

describe('8. candy routes', () => {
  it('prints HTTP routes among the others, sorted by path, then kind', {timeout: 60_000}, async () => {
    const dir = appFolder({
      'package.json': {},
      'route/www.js': `
Candy.Route.ws('/a', () => {})
Candy.Route.post('/b', function save() {}, {limits: {maxBody: 10}})
Candy.Route.post('/a', () => {}, {token: false})
Candy.Route.auth.page('/b', () => '')
Candy.Route.get('/a', () => '')
`,
    })
    const [text, json] = await Promise.all([
      candy(['routes', dir]).exited,
      candy(['routes', dir, '--json']).exited,
    ])
    expect(text.stdout).toBe(`\
KIND  PATH  GUARDS  HANDLER    SOURCE
get   /a    token   anonymous  route/www.js:6
post  /a    -       anonymous  route/www.js:4
ws    /a    token   anonymous  route/www.js:2
page  /b    auth    anonymous  route/www.js:5
post  /b    token   save       route/www.js:3
`)
    const rows = JSON.parse(json.stdout) as {kind: string; path: string; options: object}[]
    expect(rows.map(({kind, path}) => `${kind} ${path}`)).toEqual([
      'get /a',
      'post /a',
      'ws /a',
      'page /b',
      'post /b',
    ])
    expect(rows.at(-1)!.options).toEqual({limits: {maxBody: 10}})
  })
})

describe('7. methods', () => {
  const declare = ({Route}: CandyRoot) => {
    Route.page('/page', Candy => `seen by ${Candy.Request.method}`)
    Route.post('/post', answers('post'), open)
    Route.page('/both', answers('page'))
    Route.post('/both', answers('post'), open)
    Route.ws('/ws', () => undefined)
    Route.ws('/ws-post', () => undefined)
    Route.post('/ws-post', answers('post'), open)
    Route.ws('/ws-page', () => undefined)
    Route.page('/ws-page', answers('page'))
  }

  it.each([
    ['POST', '/page', 405, 'GET, HEAD'],
    ['PUT', '/page', 405, 'GET, HEAD'],
    ['DELETE', '/page', 405, 'GET, HEAD'],
    ['OPTIONS', '/page', 405, 'GET, HEAD'],
    ['GET', '/post', 405, 'POST'],
    ['HEAD', '/post', 405, 'POST'],
    ['PATCH', '/both', 405, 'GET, HEAD, POST'],
    ['PUT', '/ws', 405, 'GET'],
    ['POST', '/ws', 405, 'GET'],
    ['GET', '/ws', 426, null],
    ['GET', '/ws-post', 426, null],
    ['PUT', '/ws-post', 405, 'GET, POST'],
    ['PUT', '/ws-page', 405, 'GET, HEAD'],
    ['GET', '/none', 404, null],
    ['POST', '/none', 404, null],
    ['OPTIONS', '/none', 404, null],
  ])('%s %s is answered %i, Allow: %s', async (method, path, status, allow) => {
    const {url, log} = await serve({}, declare)
    const response = await fetch(url + path, {method})
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
    expect(response.headers.get('upgrade')).toBe(status === 426 ? 'websocket' : null)
    expect(log.errors()).toEqual([])
  })

  it('HEAD runs the handler and sends its head alone', async () => {
    const {url} = await serve({}, declare)
    const response = await fetch(`${url}/page`, {method: 'HEAD'})
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await response.text()).toBe('')
  })

  it('HEAD tells a stream that nobody will read it', async () => {
    const cancelled = vi.fn()
    const start = (controller: ReadableStreamDefaultController) => controller.enqueue(Buffer.from('tick'))
    const {url} = await serve({}, ({Route}) =>
      Route.page('/', () => new Response(new ReadableStream({start, cancel: cancelled}))),
    )
    expect((await fetch(url, {method: 'HEAD'})).status).toBe(200)
    expect(cancelled).toHaveBeenCalledTimes(1)
  })

  it('answers HTTP/1.0 without Host, as health checks speak it', async () => {
    const {port} = await serve({}, declare)
    expect((await ask(port, 'GET /page HTTP/1.0\r\n\r\n')).status).toBe(200)
    expect((await ask(port, 'GET /page HTTP/1.1\r\n\r\n')).status).toBe(400)
  })
})
