import {
  Auth,
  BootError,
  createApp,
  OnMessage,
  OnOpen,
  Token,
  User,
  WsRoute,
  type App,
  type AppOptions,
} from 'candy-ws'
import {afterEach, describe, expect, it} from 'vitest'

let app: App | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

/** The codes boot is refused with; `[]` if it is not. */
async function codes(options: AppOptions): Promise<string[]> {
  try {
    app = await createApp(options)
    return []
  } catch (error) {
    return (error as BootError).problems.map(({code}) => code)
  }
}

const handler = () => undefined

@WsRoute('/class', {origins: '*'})
@Token(false)
@Auth()
class OnClass {
  @OnOpen() opened() {}
}

@WsRoute('/method', {origins: '*'})
@Token(false)
class OnMethod {
  @Auth() @OnMessage('say') say() {}
}

@WsRoute('/user', {origins: '*'})
@Token(false)
class UserParameter {
  @OnMessage('say') say(@User() user: unknown) {
    return user
  }
}

@WsRoute('/public', {origins: '*', public: true})
@Token(false)
@Auth()
class Public {
  @OnOpen() opened() {}
}

@WsRoute('/nobody', {origins: '*'})
@Token(false)
class KnowsNobody {
  @OnOpen() opened() {}
}

@WsRoute('/with-token', {origins: '*'})
@Auth()
class WithToken {
  @OnOpen() opened() {}
}

describe('6. With every origin allowed and no token, boot is refused', () => {
  it('for auth on the route', async () => {
    const route = {token: false, origins: '*'} as const
    expect(await codes({routes: [({Route}) => Route.auth.ws('/a', handler, route)]})).toEqual([
      'UNSAFE_ROUTE',
    ])
    expect(await codes({routes: [({Route}) => Route.ws('/a', handler, {...route, auth: true})]})).toEqual([
      'UNSAFE_ROUTE',
    ])
  })

  it("for the app's own origins", async () => {
    const routes: AppOptions['routes'] = [({Route}) => Route.auth.ws('/a', handler, {token: false})]
    expect(await codes({origins: '*', routes})).toEqual(['UNSAFE_ROUTE'])
  })

  it.each(['get', 'post'] as const)(
    'for auth on a %s route, declared when it is too late, too',
    async kind => {
      const route = {token: false, origins: '*'} as const
      expect(await codes({routes: [({Route}) => Route.auth[kind]('/a', handler, route)]})).toEqual([
        'UNSAFE_ROUTE',
      ])
      expect(await codes({})).toEqual([])
      expect(() => app!.Route[kind]('/a', handler, {...route, auth: true})).toThrow('UNSAFE_ROUTE')
      expect(app!.routes()).toEqual([])
    },
  )

  it.each([
    ['@Auth on the class', OnClass],
    ['@Auth on a method', OnMethod],
    ['@User()', UserParameter],
  ])('for %s', async (_, controller) => {
    expect(await codes({controllers: [controller]})).toEqual(['UNSAFE_ROUTE'])
  })
})

describe('6. With every origin allowed, boot goes on', () => {
  it.each([
    ['that says public: true', Public],
    ['that asks for no user', KnowsNobody],
    ['that keeps the token', WithToken],
  ])('for a controller %s', async (_, controller) => {
    expect(await codes({controllers: [controller]})).toEqual([])
  })

  it.each(['get', 'post', 'ws'] as const)('for a %s route that says public: true', async kind => {
    const route = {token: false, origins: '*', public: true} as const
    expect(await codes({routes: [({Route}) => Route.auth[kind]('/a', handler, route)]})).toEqual([])
  })

  it('for a page, which is only shown', async () => {
    expect(await codes({origins: '*', routes: [({Route}) => Route.auth.page('/a', handler)]})).toEqual([])
  })

  it('for a route that lists origins over the app that allows all', async () => {
    const options = {token: false, origins: ['https://a.example']}
    expect(await codes({origins: '*', routes: [({Route}) => Route.auth.ws('/a', handler, options)]})).toEqual(
      [],
    )
  })
})
