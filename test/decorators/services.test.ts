import {
  Candy,
  createApp,
  delay,
  inject,
  injectable,
  Lifecycle,
  OnMessage,
  OnOpen,
  scoped,
  singleton,
  Token,
  WsRoute,
  type App,
} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {container} from 'tsyringe'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'

const apps: App[] = []
let disposed: string[] = []
let made: string[] = []

beforeEach(() => {
  made = []
  disposed = []
})
afterEach(async () => {
  await Promise.all(apps.splice(0).map(app => app.close()))
})

/** Says when it is made and disposed. */
class Told {
  readonly name = this.constructor.name
  readonly number = made.push(this.name)
  gone = false
  dispose() {
    this.gone = true
    disposed.push(this.name)
  }
}

@singleton()
class AppWide extends Told {}

@scoped(Lifecycle.ContainerScoped)
class PerConnection extends Told {}

@injectable()
class Transient extends Told {
  constructor(
    readonly shared: PerConnection,
    readonly appWide: AppWide,
  ) {
    super()
  }
}

abstract class Store {
  abstract readonly gone: boolean
}
@injectable()
class MemoryStore extends Told implements Store {}
@injectable()
class Queue extends Told {}
@singleton()
class Later extends Told {}
container.register(Store as never, {useClass: MemoryStore}, {lifecycle: Lifecycle.Singleton})
container.register('queue', {useClass: Queue}, {lifecycle: Lifecycle.Singleton})

@WsRoute('/services')
@Token(false)
class Services {
  constructor(
    readonly candy: Candy,
    readonly appWide: AppWide,
    readonly perConnection: PerConnection,
    readonly transient: Transient,
    readonly store: Store,
    @inject('queue') readonly queue: Queue,
    @inject(delay(() => Later)) readonly later: Later,
  ) {}

  @OnMessage('alive') alive() {
    return ![this.appWide, this.store, this.queue, this.later].some(service => service.gone)
  }

  @OnMessage('same') same(appWide: AppWide, perConnection: PerConnection, transient: Transient) {
    return [
      appWide === this.appWide && transient.appWide === appWide,
      perConnection === this.perConnection && transient.shared === perConnection,
    ]
  }
}

async function appOf(...controllers: (new (...args: never[]) => object)[]): Promise<App> {
  const app = await createApp({controllers})
  apps.push(app)
  return app
}

async function ask(client: Awaited<ReturnType<typeof connect>>, type: string): Promise<unknown> {
  client.send({type, ref: 1})
  return (await client.next<{data: unknown}>()).data
}

/** Resolves once the app has let go of its last connection. */
async function empty(app: App, ...clients: Awaited<ReturnType<typeof connect>>[]): Promise<void> {
  await Promise.all(clients.map(client => client.close()))
  await expect.poll(() => app.Route.wsServer.clientCount).toBe(0)
}

describe('a service of the app', () => {
  it('outlives every connection, however it was registered and asked for', async () => {
    const app = await appOf(Services)
    const first = await connect(app, '/services')
    expect(await ask(first, 'alive')).toBe(true)
    await empty(app, first)
    const second = await connect(app, '/services')
    expect(await ask(second, 'alive')).toBe(true)
    for (const name of ['AppWide', 'MemoryStore', 'Queue', 'Later'])
      expect(made.filter(one => one === name)).toHaveLength(1)
    await empty(app, second)
    expect(disposed.toSorted()).toEqual(['PerConnection', 'PerConnection', 'Transient', 'Transient'])
  })

  it('is disposed once, when the app closes', async () => {
    const app = await appOf(Services)
    await empty(app, await connect(app, '/services'))
    disposed = []
    await app.close()
    await app.close()
    expect(disposed.toSorted()).toEqual(['AppWide', 'Later', 'MemoryStore', 'Queue'])
  })

  it('is the same for constructor, method and other services', async () => {
    const app = await appOf(Services)
    const client = await connect(app, '/services')
    expect(await ask(client, 'same')).toEqual([true, true])
  })

  it('is another one in another app', async () => {
    const [one, two] = [await appOf(Services), await appOf(Services)]
    const [a, b] = [await connect(one, '/services'), await connect(two, '/services')]
    for (const name of ['AppWide', 'MemoryStore', 'Queue', 'Later'])
      expect(made.filter(each => each === name)).toHaveLength(2)
    await empty(one, a)
    await one.close()
    expect(await ask(b, 'alive')).toBe(true)
  })

  it('outlives a connection also where only a method asks for it', async () => {
    @WsRoute('/method')
    @Token(false)
    class Method {
      @OnMessage('alive') alive(appWide: AppWide) {
        return !appWide.gone
      }
    }
    const app = await appOf(Method)
    const first = await connect(app, '/method')
    expect(await ask(first, 'alive')).toBe(true)
    await empty(app, first)
    expect(disposed).toEqual([])
    expect(await ask(await connect(app, '/method'), 'alive')).toBe(true)
    expect(made).toEqual(['AppWide'])
    await app.close()
    expect(disposed).toEqual(['AppWide'])
  })
})

describe('a service of a connection', () => {
  it('is one for the connection, another for the next, and gone with it', async () => {
    const app = await appOf(Services)
    const [a, b] = [await connect(app, '/services'), await connect(app, '/services')]
    await ask(a, 'same')
    await ask(a, 'same')
    await ask(b, 'same')
    expect(made.filter(name => name === 'PerConnection')).toHaveLength(2)
    await a.close()
    await expect.poll(() => app.Route.wsServer.clientCount).toBe(1)
    await expect.poll(() => disposed.filter(name => name === 'PerConnection')).toHaveLength(1)
    expect(await ask(b, 'same')).toEqual([true, true])
  })

  it('is there for method parameters too', async () => {
    @WsRoute('/method')
    @Token(false)
    class Method {
      @OnMessage('number') number(one: PerConnection) {
        return one.number
      }
    }
    const app = await appOf(Method)
    const [a, b] = [await connect(app, '/method'), await connect(app, '/method')]
    expect([await ask(a, 'number'), await ask(a, 'number'), await ask(b, 'number')]).toEqual([1, 1, 2])
  })
})

describe('a controller', () => {
  it.each([
    ['@injectable()', injectable()],
    ['@scoped()', scoped(Lifecycle.ContainerScoped)],
  ])('that is %s besides is still one per connection', async (_, decorate) => {
    @WsRoute('/own')
    @Token(false)
    class Own extends Told {
      constructor(private readonly candy: Candy) {
        super()
      }
      @OnOpen() opened() {
        this.candy.ws.send({number: this.number})
      }
    }
    decorate(Own)
    const app = await appOf(Own)
    const [a, b] = [await connect(app, '/own'), await connect(app, '/own')]
    expect([await a.next(), await b.next()]).toEqual([{number: 1}, {number: 2}])
    await empty(app, a, b)
    await expect.poll(() => disposed).toEqual(['Own', 'Own'])
  })

  it('that is a @singleton() cannot keep a Candy', async () => {
    @WsRoute('/captive')
    @singleton()
    class Captive {
      constructor(readonly candy: Candy) {}
      @OnOpen() opened() {}
    }
    await expect(createApp({controllers: [Captive]})).rejects.toMatchObject({
      problems: [{code: 'CAPTIVE_DEPENDENCY'}],
    })
  })
})
