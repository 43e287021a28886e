import {Auth, Body, Candy, createApp, OnMessage, OnOpen, Param, Token, Use, WsRoute, type App} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

async function ask(client: TestClient, type: string): Promise<unknown> {
  client.send({type, ref: 1})
  return client.next()
}

const reply = (data: unknown) => ({type: 'reply', ref: 1, data})
const error = (code: string) => expect.objectContaining({type: 'error', ref: 1, code}) as unknown

const closed = () => false

@WsRoute('/base/<id>')
@Token(false)
@Auth()
class Base {
  constructor(protected readonly candy: Candy) {}
  @OnOpen() opened(@Param('id') id: string) {
    this.candy.ws.send({opened: id})
  }
  @OnMessage('kept') kept() {
    return 'base kept'
  }
  @OnMessage('replaced') replaced(@Param('id') id: string) {
    return `base replaced ${id}`
  }
  @Use(closed) @OnMessage('guarded') guarded() {
    return 'base guarded'
  }
  @OnMessage('renamed') renamed() {
    return 'base renamed'
  }
  @OnMessage('more') more(@Body() body: {type: string}) {
    return `base more ${body.type}`
  }
}

@WsRoute('/derived/<id>')
class Derived extends Base {
  override replaced(id: string) {
    return `derived replaced ${id}`
  }
  @OnMessage('guarded') override guarded() {
    return 'derived guarded'
  }
  @OnMessage('other') override renamed() {
    return 'derived renamed'
  }
  @Use(closed) override more(body: {type: string}) {
    return `derived more ${body.type}`
  }
  @OnMessage('added') added() {
    return 'derived added'
  }
}

@WsRoute('/open/<id>')
@Auth(false)
@Token(true)
class Open extends Base {}

const user = {'x-user': 'ada'}

async function serve(): Promise<void> {
  app = await createApp({
    controllers: [Base, Derived, Open],
    auth: request => (request.header('x-user') === undefined ? null : {id: 'ada'}),
  })
}

describe('a subclass', () => {
  it("has its parent's decorators", async () => {
    await serve()
    const [base, derived, open] = app.routes()
    expect(base).toMatchObject({path: '/base/{id}', token: false, auth: true})
    expect(derived).toMatchObject({path: '/derived/{id}', token: false, auth: true})
    expect(open).toMatchObject({path: '/open/{id}', token: true, auth: false})
  })

  it("has its parent's handlers, constructor and parameters", async () => {
    await serve()
    const client = await connect(app, '/derived/7', {headers: user})
    expect(await client.next()).toEqual({opened: '7'})
    expect(await ask(client, 'kept')).toEqual(reply('base kept'))
    expect(await ask(client, 'added')).toEqual(reply('derived added'))
  })

  it('overrides a method and keeps what was said of it', async () => {
    await serve()
    const client = await connect(app, '/derived/7', {headers: user})
    await client.next()
    expect(await ask(client, 'replaced')).toEqual(reply('derived replaced 7'))
  })

  it('may say anew which message a method takes', async () => {
    await serve()
    const client = await connect(app, '/derived/7', {headers: user})
    await client.next()
    expect(await ask(client, 'other')).toEqual(reply('derived renamed'))
    expect(await ask(client, 'renamed')).toEqual(error('UNKNOWN_TYPE'))
  })

  it('adds guards to a method, and loses none', async () => {
    await serve()
    const client = await connect(app, '/derived/7', {headers: user})
    await client.next()
    expect(await ask(client, 'more')).toEqual(error('FORBIDDEN'))
    expect(await ask(client, 'guarded')).toEqual(error('FORBIDDEN'))
  })

  it('leaves its parent as it is', async () => {
    await serve()
    const client = await connect(app, '/base/7', {headers: user})
    await client.next()
    expect(await ask(client, 'replaced')).toEqual(reply('base replaced 7'))
    expect(await ask(client, 'renamed')).toEqual(reply('base renamed'))
    expect(await ask(client, 'more')).toEqual(reply('base more more'))
    expect(await ask(client, 'added')).toEqual(error('UNKNOWN_TYPE'))
  })
})
