import {defineRoute, middlewareName, type RouteDraft} from '#candy/routing/route.js'
import {BootError, createApp, type App, type RouteOptions} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'

const handler = () => undefined

function define(draft: Partial<RouteDraft<never>> = {}) {
  const source = {file: '/app/route/chat.js', line: 12}
  const whole = {kind: 'ws' as const, path: '/a', handler, options: undefined, use: [], auth: false, source}
  return defineRoute<never>({...whole, ...draft}, '/app').route
}

function problemsOf(draft: Partial<RouteDraft<never>>) {
  try {
    define(draft)
  } catch (error) {
    return (error as BootError).problems
  }
  throw new Error('the route is taken')
}

describe('a route definition', () => {
  it('is one row with everything filled in', () => {
    expect(define({path: '/room/<id>/'})).toEqual({
      kind: 'ws',
      path: '/room/{id}',
      params: ['id'],
      token: true,
      auth: false,
      use: [],
      options: {},
      handler,
      source: 'route/chat.js:12',
    })
  })

  it('is frozen all the way down', () => {
    const options: RouteOptions = {use: ['a'], origins: ['https://a.example'], limits: {maxPayload: 1}}
    const route = define({options})
    for (const part of [
      route,
      route.params,
      route.use,
      route.options,
      route.options.origins,
      route.options.limits,
    ])
      expect(Object.isFrozen(part)).toBe(true)
    expect(() => ((route as {path: string}).path = '/b')).toThrow(TypeError)
  })

  it('freezes nothing the author still holds, and does not follow their changes', () => {
    const limits = {maxPayload: 1}
    const use = ['a']
    const route = define({options: {limits, use, origins: ['https://a.example']}})
    limits.maxPayload = 2
    use.push('b')
    expect(route.options.limits).toEqual({maxPayload: 1})
    expect(route.use).toEqual(['a'])
    expect(Object.isFrozen(handler)).toBe(false)
  })

  it('leaves token, auth, use, defaults and undefined out of its options', () => {
    const options = {
      token: false,
      auth: true,
      use: ['a'],
      requireOrigin: false,
      refuse: 'close',
      public: false,
      parallel: 1,
      scope: 'connection',
      whitelist: 'refuse',
      limits: undefined,
    }
    expect(define({options})).toMatchObject({token: false, auth: true, use: ['a'], options: {}})
    expect(define({options}).options).toEqual({})
  })

  it('keeps every option that is no default', () => {
    const options = {
      origins: '*',
      requireOrigin: true,
      refuse: 'http',
      public: true,
      parallel: 4,
      scope: 'singleton',
      whitelist: 'strip',
      limits: {maxPayload: 'off'},
    }
    expect(define({options}).options).toEqual(options)
  })

  it('runs what the chain says before what the options say', () => {
    expect(define({use: ['a', 'b'], options: {use: ['c']}}).use).toEqual(['a', 'b', 'c'])
  })

  it('asks for a user if chain or options do', () => {
    expect(define({auth: true}).auth).toBe(true)
    expect(define({auth: true, options: {auth: false}}).auth).toBe(true)
    expect(define({options: {auth: true}}).auth).toBe(true)
  })

  it('prints middleware as names', () => {
    class Guard {
      handle() {}
    }
    expect(['rate-limit', handler, Guard, () => true].map(middlewareName)).toEqual([
      'rate-limit',
      'handler',
      'Guard',
      'anonymous',
    ])
  })
})

describe('a route is refused', () => {
  it.each([
    ['an unknown option', {tokne: false}, "unknown option 'tokne' of a route"],
    [
      'a name every object has',
      JSON.parse('{"__proto__": 1}') as object,
      "unknown option '__proto__' of a route",
    ],
    ['a wrong type', {token: 'no'}, "the option 'token' of a route is 'no'"],
    ['null for a boolean', {auth: null}, "the option 'auth' of a route is null"],
    ['middleware that is no list', {use: 'rate-limit'}, "the option 'use' of a route"],
    ['an origin with a path', {origins: ['https://a.example/']}, "the option 'origins' of a route"],
    ["the origin 'null'", {origins: ['null']}, "the option 'origins' of a route"],
    ['NaN', {parallel: Number.NaN}, "the option 'parallel' of a route is NaN"],
    ['a count of 0', {parallel: 0}, "the option 'parallel' of a route is 0"],
    ['half of one', {parallel: 1.5}, "the option 'parallel' of a route is 1.5"],
    ['an unknown word', {refuse: 'status'}, "the option 'refuse' of a route is 'status'"],
    ['an unknown scope', {scope: 'request'}, "the option 'scope' of a route is 'request'"],
    ['an unknown whitelist', {whitelist: true}, "the option 'whitelist' of a route is true"],
    ['an unknown limit', {limits: {maxPlayers: 1}}, "unknown option 'maxPlayers' of the limits of a route"],
    [
      'a time Node fires at once',
      {limits: {closeTimeout: 2 ** 31}},
      "the option 'closeTimeout' of the limits of a route is 2147483648",
    ],
    ['a size of 0', {limits: {maxPayload: 0}}, "the option 'maxPayload' of the limits of a route is 0"],
    [
      'a size no integer holds',
      {limits: {maxPayload: 2 ** 53}},
      "the option 'maxPayload' of the limits of a route",
    ],
    ["a limit of the app's", {limits: {maxUrl: 10}}, "unknown option 'maxUrl' of the limits of a route"],
    ['a list for options', [], 'the options of a route are no object'],
    ['null for options', null, 'the options of a route are no object'],
    ['a function for options', handler, 'the options of a route are no object'],
  ])('for %s', (_, options, message) => {
    const [problem, ...more] = problemsOf({options})
    expect(more).toEqual([])
    expect(problem).toMatchObject({
      code: 'INVALID_OPTION',
      place: 'route/chat.js:12',
      message: expect.stringContaining(message) as string,
    })
    expect(problem!.remedy).not.toBe('')
  })

  it.each([
    ['a handler that is missing', undefined, 'of type undefined'],
    ['a handler that is null', null, 'is null'],
    ['a handler that is an object', {}, 'of type object'],
    ['a handler that is a name', 'chat', 'of type string'],
  ])('for %s', (_, wrong, message) => {
    expect(problemsOf({handler: wrong})).toMatchObject([
      {code: 'NOT_A_FUNCTION', message: expect.stringContaining(message) as string},
    ])
  })

  it('for middleware that is neither name nor function', () => {
    expect(problemsOf({options: {use: ['a', 7]}})).toMatchObject([{code: 'NOT_A_FUNCTION'}])
  })

  it('for all its faults at once', () => {
    const codes = problemsOf({path: '/{id', handler: 1, options: {tokne: 1, refuse: 2}}).map(({code}) => code)
    expect(codes).toEqual(['MALFORMED_PATH', 'INVALID_OPTION', 'INVALID_OPTION', 'NOT_A_FUNCTION'])
  })
})

describe("an app's own default", () => {
  let app: App
  afterEach(() => app.close())

  it('yields to a route that says the usual one', async () => {
    app = await createApp({refuse: 'http', requireOrigin: true})
    app.Route.use(() => false).ws('/app', handler, {token: false})
    app.Route.use(() => false).ws('/own', handler, {token: false, refuse: 'close', requireOrigin: false})
    const origin = (await app.listen({port: 0})).url
    await expect(connect(app, '/app', {token: false, origin})).rejects.toMatchObject({status: 403})
    const refused = await connect(app, '/own', {token: false})
    expect(await refused.closed).toEqual({code: 4003, reason: 'Forbidden'})
    expect(app.routes().map(route => route.options)).toEqual([{}, {refuse: 'close', requireOrigin: false}])
  })
})
