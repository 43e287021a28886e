import {
  BootError,
  Candy,
  createApp,
  delay,
  inject,
  injectable,
  Lifecycle,
  OnMessage,
  scoped,
  singleton,
  WsRoute,
} from 'candy-ws'
import {container, injectAll} from 'tsyringe'
import {describe, expect, it} from 'vitest'

async function messageOf(...controllers: (new (...args: never[]) => object)[]): Promise<string> {
  const error = await createApp({controllers}).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BootError)
  const {problems} = error as BootError
  expect(problems.map(({code}) => code)).toEqual(['CAPTIVE_DEPENDENCY'])
  expect(problems[0]!.place).toMatch(/^test\/boot-errors\/captive\.test\.ts:\d+$/)
  return problems[0]!.message
}

@scoped(Lifecycle.ContainerScoped)
class PerConnection {}

@injectable()
class UsesCandy {
  constructor(readonly candy: Candy) {}
}

@singleton()
class KeepsCandy {
  constructor(readonly uses: UsesCandy) {}
}

describe('what outlives a connection may not keep what belongs to one', () => {
  it('asked for by a constructor', async () => {
    @WsRoute('/constructor')
    class Asks {
      constructor(readonly keeps: KeepsCandy) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Asks)).toContain('Asks -> KeepsCandy -> UsesCandy -> Candy')
  })

  it('asked for by a method', async () => {
    @WsRoute('/method')
    class Asks {
      @OnMessage('a') a(keeps: KeepsCandy) {
        return keeps
      }
    }
    expect(await messageOf(Asks)).toContain('KeepsCandy -> UsesCandy -> Candy')
  })

  it('asked for by delay()', async () => {
    @WsRoute('/delay')
    class Asks {
      constructor(@inject(delay(() => KeepsCandy)) readonly keeps: KeepsCandy) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Asks)).toContain('Asks -> KeepsCandy -> UsesCandy -> Candy')
  })

  it('asked for by a token', async () => {
    container.register('keeps', {useClass: UsesCandy}, {lifecycle: Lifecycle.Singleton})
    @WsRoute('/token')
    class Asks {
      constructor(@inject('keeps') readonly keeps: object) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Asks)).toContain(
      "keeps outlives a connection and would keep the first one's Candy",
    )
  })

  it('asked for with all that a token has', async () => {
    container.register('many', {useClass: UsesCandy}, {lifecycle: Lifecycle.Singleton})
    container.register('many', {useValue: {}})
    @WsRoute('/many')
    class Asks {
      constructor(@injectAll('many') readonly many: object[]) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Asks)).toContain('Asks -> UsesCandy -> Candy')
  })

  it('nor a service of one connection', async () => {
    @singleton()
    class Keeps {
      constructor(readonly own: PerConnection) {}
    }
    @WsRoute('/scoped')
    class Asks {
      constructor(readonly keeps: Keeps) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Asks)).toContain('Asks -> Keeps -> PerConnection')
  })

  it('nor as the controller itself', async () => {
    @WsRoute('/itself', {scope: 'singleton'})
    class Itself {
      constructor(readonly own: PerConnection) {}
      @OnMessage('a') a() {}
    }
    expect(await messageOf(Itself)).toContain('Itself -> PerConnection')
  })
})
