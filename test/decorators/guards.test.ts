import {
  Auth,
  Body,
  Candy,
  CandyError,
  createApp,
  injectable,
  OnMessage,
  OnOpen,
  rateLimit,
  singleton,
  Token,
  Use,
  WsRoute,
  type App,
  type AppOptions,
} from 'candy-ws'
import {connect, type TestClient} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

/** Middleware that leaves its name in the connection's data. */
function trace(name: string) {
  return ({ws}: Candy) => {
    ws.data.trace = [...((ws.data.trace as string[] | undefined) ?? []), name]
  }
}

abstract class Traced {
  @OnOpen() opened(candy: Candy) {
    candy.ws.send(candy.ws.data.trace)
  }
}

async function serve(controllers: AppOptions['controllers'], options: AppOptions = {}): Promise<void> {
  app = await createApp({...options, controllers: controllers!})
}

describe('@Use on a class', () => {
  it('reads top-down, first to last', async () => {
    @WsRoute('/order')
    @Use(trace('a'), trace('b'))
    @Token(false)
    @Use(trace('c'))
    class Order extends Traced {}
    await serve([Order])
    expect(await (await connect(app, '/order')).next()).toEqual(['a', 'b', 'c'])
  })

  it("runs a parent's first", async () => {
    @WsRoute('/parent')
    @Token(false)
    @Use(trace('a'))
    class Parent extends Traced {}
    @WsRoute('/child')
    @Use(trace('b'))
    class Child extends Parent {}
    await serve([Parent, Child])
    expect(await (await connect(app, '/child', {token: false})).next()).toEqual(['a', 'b'])
    expect(await (await connect(app, '/parent', {token: false})).next()).toEqual(['a'])
  })
})

/** What the compiler makes of `@Auth` for `@Auth()`. */
const onMethod = (decorate: unknown) => () =>
  (decorate as (...target: unknown[]) => unknown)(Traced.prototype, 'opened', {})
const onClass = (decorate: unknown) => () => (decorate as (target: unknown) => unknown)(Traced)

describe('a decorator without its parentheses', () => {
  it.each([
    ['Auth', onMethod(Auth)],
    ['Use', onMethod(Use)],
    ['OnOpen', onMethod(OnOpen)],
    ['OnMessage', onMethod(OnMessage)],
    ['Auth', onClass(Auth)],
    ['Token', onClass(Token)],
    ['WsRoute', onClass(WsRoute)],
  ])('throws, rather than be dropped without a word: @%s', (name, decorate) => {
    expect(decorate).toThrow(`@${name} stands without its parentheses: write @${name}(...)`)
  })
})

@injectable()
class Doorman {
  readonly allowed = 'yes'
}

let made = 0
@injectable()
class Door {
  constructor(private readonly doorman: Doorman) {
    made += 1
  }
  handle(candy: Candy) {
    return candy.Request.header('x-door') === this.doorman.allowed
  }
}

describe('middleware', () => {
  it.each([
    ['a function', ({Request}: Candy) => Request.header('x-door') === 'yes'],
    ['a name', 'door'],
    ['an injectable class', Door],
    ['the name of an injectable class', 'door-class'],
  ])('may be %s', async (_, reference) => {
    app = await createApp({
      middleware: {door: ({Request}) => Request.header('x-door') === 'yes', 'door-class': Door},
    })
    app.Route.use(reference).ws('/guarded', Candy => Candy.ws.send('in'), {token: false})
    const refused = await connect(app, '/guarded')
    expect(await refused.closed).toEqual({code: 4003, reason: 'Forbidden'})
    expect(await (await connect(app, '/guarded', {headers: {'x-door': 'yes'}})).next()).toBe('in')
  })

  it('that is a class is made once for its place of use', async () => {
    made = 0
    app = await createApp()
    app.Route.use(Door).ws('/guarded', Candy => Candy.ws.send('in'), {token: false})
    for (let count = 0; count < 3; count += 1)
      await (await connect(app, '/guarded', {headers: {'x-door': 'yes'}})).next()
    expect(made).toBe(1)
  })

  it.each([
    ['injectable', injectable()],
    ['a singleton', singleton()],
  ])('that is %s and wants Candy in its constructor is a boot error', async (_, decorate) => {
    class Keeps {
      constructor(readonly candy: Candy) {}
      handle() {}
    }
    Reflect.defineMetadata('design:paramtypes', [Candy], Keeps)
    decorate(Keeps)
    app = await createApp()
    expect(() => app.Route.use(Keeps).ws('/keeps', () => {})).toThrow(/Keeps -> Candy/)
  })
})

let handled: string[] = []

@WsRoute('/methods')
@Token(false)
class Methods {
  @Auth() @OnMessage('secret') secret() {
    handled.push('secret')
    return 'told'
  }
  @OnMessage('refused')
  @Use(() => false)
  refused() {
    handled.push('refused')
  }
  @Use(() => 'odd')
  @OnMessage('odd')
  odd() {
    handled.push('odd')
  }
  @Use(trace('a'), trace('b'))
  @OnMessage('traced')
  @Use(trace('c'))
  traced(candy: Candy) {
    return candy.ws.data.trace
  }
  @Use(() => {
    throw new CandyError('LATER', 'Come back later')
  })
  @OnMessage('later')
  later() {
    handled.push('later')
  }
  @Use(Door)
  @OnMessage('door')
  door(@Body() body: {n: number}) {
    return body.n
  }
  @Use(rateLimit({points: 2}))
  @OnMessage('limited')
  limited() {
    return 'ok'
  }
  @Use(({ws}) => ws.close(4321, 'out'))
  @OnMessage('out')
  out() {
    handled.push('out')
  }
}

async function client(headers: Record<string, string> = {}): Promise<TestClient> {
  handled = []
  await serve([Methods], {
    auth: request => (request.header('x-user') === undefined ? null : {id: request.header('x-user')!}),
  })
  return connect(app, '/methods', {headers})
}

async function ask(to: TestClient, type: string, more: object = {}): Promise<unknown> {
  to.send({type, ref: 1, ...more})
  return to.next()
}

describe('a guard on a method', () => {
  it('refuses with an error frame, and the connection stays open', async () => {
    const to = await client()
    expect(await ask(to, 'secret')).toMatchObject({type: 'error', ref: 1, code: 'UNAUTHORIZED'})
    expect(await ask(to, 'refused')).toMatchObject({type: 'error', ref: 1, code: 'FORBIDDEN'})
    expect(await ask(to, 'odd')).toMatchObject({type: 'error', ref: 1, code: 'FORBIDDEN'})
    expect(await ask(to, 'later')).toMatchObject({ref: 1, code: 'LATER', message: 'Come back later'})
    expect(await ask(to, 'door', {n: 2})).toMatchObject({type: 'error', ref: 1, code: 'FORBIDDEN'})
    expect(handled).toEqual([])
    expect(await ask(to, 'traced')).toMatchObject({type: 'reply'})
  })

  it('refuses a message without a ref just so', async () => {
    const to = await client()
    to.send({type: 'secret'})
    const frame = await to.next()
    expect(frame).toMatchObject({type: 'error', code: 'UNAUTHORIZED'})
    expect(frame).not.toHaveProperty('ref')
  })

  it('lets pass', async () => {
    const to = await client({'x-user': 'ada', 'x-door': 'yes'})
    expect(await ask(to, 'secret')).toEqual({type: 'reply', ref: 1, data: 'told'})
    expect(await ask(to, 'door', {n: 2})).toEqual({type: 'reply', ref: 1, data: 2})
  })

  it('reads top-down too', async () => {
    expect(await ask(await client(), 'traced')).toEqual({type: 'reply', ref: 1, data: ['a', 'b', 'c']})
  })

  it('that limits the rate answers RATE_LIMIT', async () => {
    const to = await client()
    expect(await ask(to, 'limited')).toMatchObject({data: 'ok'})
    expect(await ask(to, 'limited')).toMatchObject({data: 'ok'})
    expect(await ask(to, 'limited')).toMatchObject({type: 'error', ref: 1, code: 'RATE_LIMIT'})
  })

  it('may close', async () => {
    const to = await client()
    to.send({type: 'out', ref: 1})
    expect(await to.closed).toEqual({code: 4321, reason: 'out'})
    expect(handled).toEqual([])
    expect(to.pending).toEqual([])
  })
})
