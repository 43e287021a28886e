import {BootError, createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'

let app: App
afterEach(() => app.close())

const hello = (Candy: {ws: {send(text: string): void}}) => Candy.ws.send('hello')
const open = {token: false}

function problemsOf(add: () => unknown) {
  try {
    add()
  } catch (error) {
    expect(error).toBeInstanceOf(BootError)
    return (error as BootError).problems.map(({code, place}) => ({code, file: place.replace(/:\d+$/, '')}))
  }
  throw new Error('the route is taken')
}

describe('a route added after the app listens', () => {
  it('is served', async () => {
    app = await createApp()
    const {url} = await app.listen({port: 0})
    await expect(connect(url, '/late', {token: false})).rejects.toMatchObject({status: 404})
    app.Route.ws('/late', hello, open)
    expect(await (await connect(url, '/late', {token: false})).next()).toBe('hello')
    expect(app.routes().map(({path}) => path)).toEqual(['/late'])
  })

  it('goes through the same checks, and throws where it is added', async () => {
    app = await createApp()
    app.Route.ws('/a/{x}', hello, open)
    await app.listen({port: 0})
    const file = 'test/boot-errors/late.test.ts'
    expect(problemsOf(() => app.Route.ws('/a/<y>', hello))).toEqual([{code: 'DUPLICATE_ROUTE', file}])
    expect(problemsOf(() => app.Route.ws('/b/{id}/{id}', hello))).toEqual([
      {code: 'DUPLICATE_PARAMETER', file},
    ])
    expect(problemsOf(() => app.Route.ws('b', hello))).toEqual([{code: 'MALFORMED_PATH', file}])
    expect(problemsOf(() => app.Route.use('nobody').ws('/b', hello))).toEqual([
      {code: 'UNKNOWN_MIDDLEWARE', file},
    ])
    expect(problemsOf(() => app.Route.ws('/b', 7 as never))).toEqual([{code: 'NOT_A_FUNCTION', file}])
    expect(problemsOf(() => app.Route.ws('/b', hello, {tokne: 1} as object))).toEqual([
      {code: 'INVALID_OPTION', file},
    ])
    expect(problemsOf(() => app.Route.auth.ws('/b', hello, {...open, origins: '*'}))).toEqual([
      {code: 'UNSAFE_ROUTE', file},
    ])
  })

  it('leaves nothing behind if it is refused', async () => {
    app = await createApp()
    app.Route.ws('/a/{x}', hello, open)
    const {url} = await app.listen({port: 0})
    problemsOf(() => app.Route.ws('/a/{y}', () => undefined, open))
    problemsOf(() => app.Route.use('nobody').ws('/b', hello, open))
    expect(app.routes().map(({path}) => path)).toEqual(['/a/{x}'])
    await expect(connect(url, '/b', {token: false})).rejects.toMatchObject({status: 404})
    expect(await (await connect(url, '/a/1', {token: false})).next()).toBe('hello')
    app.Route.ws('/b', hello, open)
    expect(await (await connect(url, '/b', {token: false})).next()).toBe('hello')
  })

  it('uses middleware registered before it with app.use', async () => {
    app = await createApp()
    const {url} = await app.listen({port: 0})
    problemsOf(() => app.Route.use('door').ws('/late', hello, open))
    app.use('door', () => false)
    app.Route.use('door').ws('/late', hello, open)
    const client = await connect(url, '/late', {token: false})
    expect(await client.closed).toEqual({code: 4003, reason: 'Forbidden'})
  })

  it('keeps the middleware it was declared with', async () => {
    app = await createApp({middleware: {door: () => true}})
    app.Route.use('door').ws('/first', hello, open)
    app.use('door', () => false)
    app.Route.use('door').ws('/second', hello, open)
    expect(await (await connect(app, '/first', {token: false})).next()).toBe('hello')
    const second = await connect(app, '/second', {token: false})
    expect(await second.closed).toEqual({code: 4003, reason: 'Forbidden'})
  })
})

describe('strict: true', () => {
  it('takes routes until the app listens, and none after', async () => {
    app = await createApp({strict: true})
    app.Route.ws('/early', hello, open)
    const {url} = await app.listen({port: 0})
    expect(problemsOf(() => app.Route.ws('/late', hello, open))).toEqual([
      {code: 'INVALID_OPTION', file: 'test/boot-errors/late.test.ts'},
    ])
    expect(() => app.Route.ws('/late', hello, open)).toThrow(/strict: true/)
    expect(await (await connect(url, '/early', {token: false})).next()).toBe('hello')
    await expect(connect(url, '/late', {token: false})).rejects.toMatchObject({status: 404})
  })
})
