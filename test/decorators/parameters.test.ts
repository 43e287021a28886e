import {
  Body,
  Candy,
  createApp,
  injectable,
  OnBinary,
  OnClose,
  OnError,
  OnMessage,
  OnOpen,
  Param,
  Query,
  Token,
  User,
  WsRoute,
  type App,
} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {IsString} from 'class-validator'
import {afterEach, describe, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

class Say {
  @IsString() text!: string
}

@injectable()
class Clock {
  readonly zone = 'UTC'
}

const heard: unknown[] = []

@WsRoute('/every/<id>')
@Token(false)
class Every {
  @OnOpen() opened(candy: Candy, clock: Clock, @Param('id') id: string, @Query('as') as?: string) {
    candy.ws.send({opened: [candy instanceof Candy, clock.zone, id, as ?? null]})
  }
  @OnMessage('dto') dto(candy: Candy, message: Say, clock: Clock) {
    return [candy instanceof Candy, message.text, clock.zone]
  }
  @OnMessage('body') body(@Body() message: {n: number}) {
    return message.n
  }
  @OnMessage('url') url(@Param('id') id: string, @Query('as') as: string, @Query('none') none?: string) {
    return [id, as, none === undefined]
  }
  @OnMessage('user') async user(@User() user: {id: string} | null) {
    return [user]
  }
  @OnMessage('signal') signal(signal: AbortSignal, candy: Candy) {
    signal.addEventListener('abort', () => heard.push('aborted'))
    return [signal instanceof AbortSignal, signal.aborted, candy.ws.readyState]
  }
  @OnMessage('boom') boom() {
    throw new RangeError('too far')
  }
  @OnMessage() rest(@Body() body: unknown, candy: Candy) {
    candy.ws.send({rest: body})
  }
  @OnBinary() bytes(candy: Candy, chunk: Buffer) {
    candy.ws.send({bytes: [...chunk], buffer: Buffer.isBuffer(chunk)})
  }
  @OnError() failed(candy: Candy, error: Error) {
    candy.ws.send({failed: [error instanceof RangeError, error.message]})
  }
  @OnClose() closed(reason: string, candy: Candy, code: number) {
    heard.push({reason, code, state: candy.ws.readyState})
  }
}

async function ask(client: TestClient, message: object): Promise<unknown> {
  client.send({...message, ref: 1})
  return (await client.next<{data: unknown}>()).data
}

async function every(): Promise<TestClient> {
  app = await createApp({
    controllers: [Every],
    auth: request => ({id: request.header('x-user') ?? 'nobody'}),
  })
  const client = await connect(app, '/every/7?as=guest', {headers: {'x-user': 'ada'}})
  expect(await client.next()).toEqual({opened: [true, 'UTC', '7', 'guest']})
  return client
}

describe('a handler receives', () => {
  it('Candy, the body by its class and services by theirs, in any order', async () => {
    expect(await ask(await every(), {type: 'dto', text: 'hi'})).toEqual([true, 'hi', 'UTC'])
  })

  it('the body by @Body()', async () => {
    expect(await ask(await every(), {type: 'body', n: 4})).toBe(4)
  })

  it('parts of the URL', async () => {
    expect(await ask(await every(), {type: 'url'})).toEqual(['7', 'guest', true])
  })

  it('the user', async () => {
    expect(await ask(await every(), {type: 'user'})).toEqual([{id: 'ada'}])
  })

  it('a signal that is aborted when the connection closes', async () => {
    heard.length = 0
    const client = await every()
    expect(await ask(client, {type: 'signal'})).toEqual([true, false, 1])
    await client.close()
    await expect.poll(() => heard).toContain('aborted')
  })

  it('the error in @OnError', async () => {
    const client = await every()
    client.send({type: 'boom'})
    expect(await client.take(2)).toContainEqual({failed: [true, 'too far']})
  })

  it('code and reason in @OnClose, whatever their order', async () => {
    heard.length = 0
    const client = await every()
    await client.close(4200, 'tired')
    await expect.poll(() => heard).toEqual([{reason: 'tired', code: 4200, state: 3}])
  })

  it('bytes as a Buffer in @OnBinary, and what nobody else took in @OnMessage()', async () => {
    const client = await every()
    client.send(Buffer.from([1, 2]))
    client.send({type: 'unheard of'})
    client.send('text')
    expect(await client.take(3)).toEqual([
      {bytes: [1, 2], buffer: true},
      {rest: {type: 'unheard of'}},
      {rest: 'text'},
    ])
  })
})

let instances = 0

@WsRoute('/convert/<n>')
@Token(false)
class Convert {
  constructor() {
    instances += 1
  }
  @OnOpen() opened(
    @Param('n') n: number,
    candy: Candy,
    @Query('on') on?: boolean,
    @Query('page') page?: number,
  ) {
    candy.ws.send({n, on: on ?? null, page: page ?? null})
  }
}

describe('@Param and @Query of a type', () => {
  it.each([
    ['/convert/7', {n: 7, on: null, page: null}],
    ['/convert/-1.5?on=true&page=2', {n: -1.5, on: true, page: 2}],
    ['/convert/1e3?on=false', {n: 1000, on: false, page: null}],
  ])('convert %s', async (path, expected) => {
    app = await createApp({controllers: [Convert]})
    expect(await (await connect(app, path)).next()).toEqual(expected)
  })

  it.each([
    '/convert/seven',
    '/convert/7x',
    '/convert/0x10',
    '/convert/Infinity',
    '/convert/NaN',
    '/convert/1e999',
    '/convert/%20',
    '/convert/7?page=two',
    '/convert/7?page=',
    '/convert/7?on=yes',
  ])('refuse %s with HTTP 400, before there is a connection', async path => {
    instances = 0
    app = await createApp({controllers: [Convert]})
    await expect(connect(app, path)).rejects.toMatchObject({status: 400})
    expect(instances).toBe(0)
    expect(app.Route.wsServer.clientCount).toBe(0)
  })

  it('refuse to make what no URL can hold', async () => {
    @WsRoute('/date/<at>')
    class Dated {
      @OnOpen() opened(@Param('at') at: Date) {
        return at
      }
    }
    await expect(createApp({controllers: [Dated]})).rejects.toMatchObject({
      problems: [{code: 'UNINJECTABLE'}],
    })
    app = await createApp()
  })
})
