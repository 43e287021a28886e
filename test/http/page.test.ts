import {Auth, Body, BootError, createApp, Emits, OnMessage, rateLimit, Token, Use, WsRoute} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {IsString} from 'class-validator'
import {afterEach, describe, expect, it, vi} from 'vitest'
import type {PageData} from '#candy/describe/description.js'
import {appFolder} from '../support/app-folder.js'
import {serve} from '../support/serve.js'
import {cookiesOf, visitor} from '../support/visitor.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

class Say {
  @IsString()
  text!: string
}

@WsRoute('/room/<id>')
@Token(false)
@Use('rate-limit')
@Emits('said', Say)
class RoomController {
  @OnMessage('say', {reply: Say})
  @Auth()
  @Use(rateLimit({points: 5}))
  say(@Body() message: Say): Say {
    return message
  }

  @OnMessage('typing')
  typing() {}

  @OnMessage('raw')
  raw(@Body({validate: false}) message: unknown) {
    return message
  }

  @OnMessage()
  rest() {}
}

async function dataOf(url: string, headers = {}): Promise<PageData> {
  return (await (await fetch(`${url}/_candy/app.json`, {headers})).json()) as PageData
}

describe('the page', () => {
  it('is served in development, with a policy that lets nothing in', async () => {
    const {url, port} = await serve()
    const page = await fetch(`${url}/_candy/`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port}`)
    expect(policy).not.toMatch(/unsafe|\*/)
    const text = await page.text()
    const files = [...text.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, file]) => file!)
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect((await fetch(`${url}/_candy/${file}`)).status).toBe(200)
    expect(text).not.toMatch(/<script>|<style|style=|\son\w+=|https?:/)
  })

  it('is found without its slash', async () => {
    const {url} = await serve()
    const bare = await fetch(`${url}/_candy`, {redirect: 'manual'})
    expect([bare.status, bare.headers.get('location')]).toEqual([308, '/_candy/'])
  })

  it('is not sent again while it is the same', async () => {
    const {url} = await serve({controllers: [RoomController]})
    const first = await fetch(`${url}/_candy/app.json`)
    const again = {'if-none-match': first.headers.get('etag')!}
    expect((await fetch(`${url}/_candy/app.json`, {headers: again})).status).toBe(304)
  })

  it('is asked for its files again after each change of them', async () => {
    const {url} = await serve()
    for (const path of ['', 'page/main.js', 'page/style.css'])
      expect((await fetch(`${url}/_candy/${path}`)).headers.get('cache-control')).toBe('no-cache')
    expect((await fetch(`${url}/_candy/app.json`)).headers.get('cache-control')).toBe('no-store')
    expect((await fetch(`${url}/_candy/app%2Ejson`)).status).toBe(404)
  })

  it('serves its own files, and no others', async () => {
    const {url} = await serve()
    for (const path of [
      'page/',
      'page/none.js',
      'page/index.html',
      'page/main.js.map',
      'page/..%2fapp.js',
      'none',
    ])
      expect([path, (await fetch(`${url}/_candy/${path}`)).status]).toEqual([
        path,
        path.includes('%2f') ? 400 : 404,
      ])
  })

  it('can be switched off', async () => {
    const {url} = await serve({page: false})
    for (const path of ['', '/', '/app.json', '/page/main.js'])
      expect((await fetch(`${url}/_candy${path}`)).status).toBe(404)
    expect((await fetch(`${url}/_candy/token`)).status).toBe(200)
  })

  it.each([['yes'], [{auths: true}], [{auth: 1}], [{use: 'a'}]])(
    'wants an option that it knows: %j',
    async page => {
      const error = await createApp({page: page as never}).catch((thrown: unknown) => thrown)
      expect((error as BootError).problems).toMatchObject([
        {code: 'INVALID_OPTION', remedy: 'It takes true, false, or {auth, use}.'},
      ])
    },
  )
})

describe('what the page shows', () => {
  it('is every route, with guards and source, and its messages', async () => {
    const {url} = await serve({
      controllers: [RoomController],
      routes: [({Route}) => Route.page('/', () => '')],
    })
    const {routes, schemas} = await dataOf(url)
    expect(routes).toMatchObject([
      {kind: 'page', path: '/', messages: {takes: [], sends: []}},
      {
        kind: 'ws',
        path: '/room/{id}',
        params: ['id'],
        token: false,
        auth: false,
        use: ['rate-limit'],
        handler: 'RoomController',
        source: expect.stringMatching(/page\.test\.ts:\d+$/) as unknown,
      },
    ])
    const taken = {auth: false, use: []}
    expect(routes[1]!.messages).toEqual({
      takes: [
        {
          form: 'typed',
          type: 'say',
          body: {is: 'class', schema: 'Say'},
          reply: {is: 'class', schema: 'Say'},
          auth: true,
          use: ['rate-limit'],
        },
        {...taken, form: 'typed', type: 'typing', body: {is: 'empty'}, reply: {is: 'anything'}},
        {...taken, form: 'typed', type: 'raw', body: {is: 'anything'}, reply: {is: 'anything'}},
        {...taken, form: 'text', type: null, body: {is: 'anything'}, reply: null},
      ],
      sends: [{type: 'said', body: {is: 'class', schema: 'Say'}}],
    })
    expect(schemas).toEqual({
      Say: {
        type: 'object',
        properties: {text: {type: 'string'}},
        required: ['text'],
        additionalProperties: false,
      },
    })
  })

  it('is what a function says of its messages, from its first connection on', async () => {
    const {app, url} = await serve({}, ({Route}) =>
      Route.ws(
        '/game',
        Candy => {
          Candy.ws.on('move', Say, () => ({}), {reply: Say})
          Candy.ws.on('message', () => undefined)
        },
        {token: false, whitelist: 'keep'},
      ),
    )
    expect((await dataOf(url)).routes[0]!.messages).toBeNull()
    await (await connect(app, '/game')).close()
    const {routes, schemas} = await dataOf(url)
    const said = {is: 'class', schema: 'Say'}
    expect(routes[0]!.messages).toEqual({
      takes: [
        {form: 'typed', type: 'move', body: said, reply: said, auth: false, use: []},
        {form: 'text', type: null, body: {is: 'anything'}, reply: null, auth: false, use: []},
      ],
      sends: [],
    })
    expect(schemas['Say']).not.toHaveProperty('additionalProperties')
  })

  it('is the name and version of the app', async () => {
    const {url} = await serve({dir: appFolder({'package.json': {name: 'lobby', version: '2.1.0'}})})
    expect(await dataOf(url)).toMatchObject({title: 'lobby', version: '2.1.0'})
  })

  it('is who is logged in', async () => {
    const {url} = await serve({}, ({Route}) =>
      Route.post('/login', Candy => Candy.Auth.login({id: 1, name: 'Ada', secret: 'hash'})),
    )
    expect(await dataOf(url)).toMatchObject({user: null, readOnly: false, fault: null})
    const {headers} = await visitor(url)
    const login = await fetch(`${url}/login`, {method: 'POST', headers})
    expect(JSON.stringify(await dataOf(url, {cookie: cookiesOf(login)}))).not.toContain('hash')
    expect(await dataOf(url, {cookie: cookiesOf(login)})).toMatchObject({user: {id: '1', name: 'Ada'}})
  })
})

describe('the page in production', () => {
  const production = () => vi.stubEnv('NODE_ENV', 'production')

  it('is not there unless it is asked for', async () => {
    production()
    const {url} = await serve()
    expect((await fetch(`${url}/_candy/`)).status).toBe(404)
    expect((await fetch(`${url}/_candy/app.json`)).status).toBe(404)
    expect((await fetch(`${url}/_candy/page/main.js`)).status).toBe(404)
  })

  it.each([[true], [{}], [{use: []}], [{auth: false}]])('wants a guard: %j', async page => {
    production()
    const error = await createApp({page}).catch((thrown: unknown) => thrown)
    expect((error as BootError).problems).toMatchObject([
      {
        code: 'INVALID_OPTION',
        message: 'in production the page would be open to everybody',
        remedy: "Say who may see it: page: {auth: true}, or page: {use: ['admins']}.",
      },
    ])
  })

  it('is read only, behind its guards', async () => {
    production()
    const {url} = await serve({
      controllers: [RoomController],
      page: {use: ['admins']},
      middleware: {admins: Candy => Candy.Request.header('x-admin') === 'yes'},
    })
    for (const path of ['', '/', '/app.json']) expect((await fetch(`${url}/_candy${path}`)).status).toBe(403)
    const headers = {'x-admin': 'yes'}
    expect((await fetch(`${url}/_candy/`, {headers})).status).toBe(200)
    expect(await dataOf(url, headers)).toMatchObject({
      readOnly: true,
      user: null,
      routes: [{path: '/room/{id}'}],
    })
  })

  it('ends what its guards begin', async () => {
    const ended: string[] = []
    const {url} = await serve({
      page: {
        use: [Candy => Candy.signal.addEventListener('abort', () => ended.push(Candy.Request.url)) ?? true],
      },
    })
    await fetch(`${url}/_candy/app.json`)
    await expect.poll(() => ended).toEqual(['/_candy/app.json'])
  })

  it('is for users where it says so', async () => {
    production()
    const {url} = await serve({
      page: {auth: true},
      auth: request => (request.header('x-user') ? {id: request.header('x-user')!} : null),
    })
    expect((await fetch(`${url}/_candy/app.json`)).status).toBe(401)
    expect(await dataOf(url, {'x-user': '7'})).toMatchObject({readOnly: true, user: null})
  })

  it('names a guard that is not there', async () => {
    production()
    const error = await createApp({page: {use: ['nobody']}}).catch((thrown: unknown) => thrown)
    expect((error as BootError).problems).toMatchObject([{code: 'UNKNOWN_MIDDLEWARE', place: '/_candy'}])
  })
})
