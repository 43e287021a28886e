import {
  BootError,
  createApp,
  rateLimit,
  type App,
  type AppOptions,
  type Candy,
  type RouteOptions,
} from 'candy-ws'
import {afterEach, describe, expect, it} from 'vitest'
import {connect} from 'candy-ws/testing'
import {setTimeout as delay} from 'node:timers/promises'
import {makeFolder, removeFolders} from './support/app-folder.js'

const apps: App[] = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map(app => app.close()))
  removeFolders()
})

async function make(options: unknown): Promise<App> {
  const app = await createApp(options as AppOptions)
  apps.push(app)
  return app
}

const late = (app: App) => app.Route.ws('/late', () => undefined)

/** The fault of what is refused; fails if it is not. */
async function fault(step: () => unknown): Promise<{names: string; codes: string[]}> {
  try {
    await step()
  } catch (error) {
    expect(error).toBeInstanceOf(BootError)
    const {problems} = error as BootError
    return {
      names: problems.map(one => `${one.place} ${one.message} ${one.remedy}`).join('\n'),
      codes: problems.map(one => one.code),
    }
  }
  throw new Error('it was not refused')
}

const noTime = [0, -1, 1.5, NaN, Infinity, 2 ** 31, '5000', null, true, {}]
const noSize = [0, -1, 1.5, NaN, Infinity, 2 ** 53, '64', null, true, {}, 'OFF']
const sizes = ['maxPayload', 'maxFragments', 'maxPending', 'maxPendingBytes', 'maxUrl']
const times = ['closeTimeout', 'upgradeTimeout', 'handlerTimeout']

const wrongForApp: readonly (readonly [string, readonly unknown[]])[] = [
  ['dir', [5, null, '/no/such/folder/here']],
  ['controllers', [{}, [5], 'Room', null]],
  ['routes', [{}, [5], () => undefined]],
  ['middleware', [[], 5, null, {guard: 5}, {guard: null}]],
  ['secret', [5, 'short', '', null]],
  ['auth', [5, {}, {user: 5}, null, true]],
  ['origins', ['https://a.example', ['a.example'], ['https://a.example/'], [5], ['null'], [''], null]],
  ['requireOrigin', ['yes', 1, null]],
  ['trustProxy', ['127.0.0.1', 1, ['nonsense'], [5], null, {}]],
  ['refuse', ['HTTP', true, null, '']],
  ['strict', ['yes', 1, null]],
  ['whitelist', ['drop', true, null]],
  ['perMessageDeflate', ['yes', {}, null]],
  ['limits', [5, [], null, {maxPayloads: 1}]],
  ['logger', [{}, {debug() {}, info() {}, warn() {}}, null, 5]],
  ['bus', [{}, true]],
  ['nonsense', [1]],
  ['constructor', [1]],
]

const wrongForRoute: readonly (readonly [string, readonly unknown[]])[] = [
  ['token', ['no', 0, null]],
  ['auth', ['yes', 1, null]],
  ['use', ['rate-limit', {}, null]],
  ['origins', ['https://a.example', [5]]],
  ['requireOrigin', ['yes']],
  ['refuse', ['HTTP']],
  ['public', [1]],
  ['parallel', [0, -1, 1.5, NaN, Infinity, '2', 'off']],
  ['scope', ['request']],
  ['whitelist', ['drop']],
  ['limits', [5, {maxPayload: 0}, {maxUrl: 1}, {nonsense: 1}]],
  ['nonsense', [1]],
]

describe('8. Programs, and Bad input: an invalid option is a boot error that names it', () => {
  it.each(wrongForApp)('createApp: %s', async (name, values) => {
    for (const value of values) {
      const {names, codes} = await fault(() => make({[name]: value}))
      expect(names).toContain(name === 'dir' && typeof value === 'string' ? value : name)
      expect(codes).toHaveLength(1)
    }
  })

  it.each(wrongForRoute)('a route: %s', async (name, values) => {
    for (const value of values) {
      const options = {[name]: value} as RouteOptions<Candy>
      const {names} = await fault(() =>
        make({routes: [(root: App) => root.Route.ws('/x', () => undefined, options)]}),
      )
      expect(names).toMatch(new RegExp(`options\\.test\\.ts:\\d+ [^]*${name}`))
    }
  })

  it('limits: a size is a positive safe integer, a time 1 to 2147483647, both may be off', async () => {
    for (const name of sizes)
      for (const value of noSize)
        expect((await fault(() => make({limits: {[name]: value}}))).names).toContain(name)
    for (const name of times)
      for (const value of noTime)
        expect((await fault(() => make({limits: {[name]: value}}))).names).toContain(name)
    await make({limits: Object.fromEntries([...sizes, ...times].map(name => [name, 'off']))})
    await make({limits: Object.fromEntries([...sizes, ...times].map(name => [name, 2 ** 31 - 1]))})
    await make({limits: {maxPayload: 1, closeTimeout: 1, upgradeTimeout: undefined}})
  })

  it('listen: port and host; the port may be 0', async () => {
    const app = await make({})
    for (const port of [-1, 65_536, 1.5, NaN, '3000', null])
      expect((await fault(() => app.listen({port: port as number}))).names).toContain("'port'")
    for (const host of [5, null, ''])
      expect((await fault(() => app.listen({host: host as string}))).names).toContain("'host'")
    expect((await fault(() => app.listen({prot: 1} as never))).names).toContain("'prot'")
    for (const options of [3_000, '3000', null, []])
      expect((await fault(() => app.listen(options as never))).names).toContain('listen')
    expect((await app.listen({port: 0})).port).toBeGreaterThan(0)
  })

  it('close: drain; an app that was asked wrongly can still be closed', async () => {
    const app = await make({})
    for (const drain of noTime)
      expect((await fault(() => app.close({drain: drain as number}))).names).toContain("'drain'")
    expect((await fault(() => app.close({drian: 1} as never))).names).toContain("'drian'")
    expect((await fault(() => app.close(5_000 as never))).names).toContain('close')
    const {url} = await app.listen({port: 0})
    expect((await fetch(url)).status).toBe(404)
    await app.close({drain: 1})
    await Promise.all([app.close(), app.close()])
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('rateLimit: points and duration', async () => {
    for (const points of [0, -1, 1.5, NaN, Infinity, '60', null, 'off'])
      expect((await fault(() => rateLimit({points: points as number}))).names).toContain("'points'")
    for (const duration of noTime)
      expect((await fault(() => rateLimit({duration: duration as number}))).names).toContain("'duration'")
    expect((await fault(() => rateLimit({max: 1} as never))).names).toContain("'max'")
    expect((await fault(() => rateLimit(60 as never))).names).toContain('rateLimit')
  })

  it('createApp: options that are no object', async () => {
    for (const options of [null, 5, 'dir', [], () => undefined])
      expect((await fault(() => make(options))).names).toContain('createApp')
  })

  it('names every fault at once, and where it was said', async () => {
    const {names, codes} = await fault(() => make({strict: 1, nonsense: 1, refuse: 'x'}))
    expect(codes).toEqual(['INVALID_OPTION', 'INVALID_OPTION', 'INVALID_OPTION'])
    expect(names).toMatch(/options\.test\.ts:\d+ .*'strict'/)
    expect(names).toContain("'nonsense'")
    expect(names).toContain("'refuse'")
  })

  it('says nothing of a secret', async () => {
    expect((await fault(() => make({secret: 'hunter2'}))).names).not.toContain('hunter2')
    expect((await fault(() => make({secret: ['hunter2']}))).names).not.toContain('hunter2')
  })

  it('checks the config file as the arguments, which win over it', async () => {
    const bad = makeFolder({'candy.config.json': '{"refuse": "x", "nonsense": 1}'})
    const {names} = await fault(() => make({dir: bad}))
    expect(names).toMatch(/candy\.config\.json:1 .*'refuse'/)
    expect(names).toContain("'nonsense'")
    for (const text of ['5', '[]', 'null', '{', ''])
      expect((await fault(async () => make({dir: makeFolder({'candy.config.json': text})}))).names).toContain(
        'candy.config.json',
      )

    const strict = makeFolder({'candy.config.json': '{"strict": true}'})
    const kept = await make({dir: strict})
    await kept.listen({port: 0})
    expect(() => late(kept)).toThrow('/late')
    const loosened = await make({dir: strict, strict: false})
    await loosened.listen({port: 0})
    late(loosened)
    expect(loosened.routes()).toHaveLength(1)
  })

  it('a limit that is undefined takes no bound away', async () => {
    const none = {maxPayload: undefined, upgradeTimeout: undefined, maxUrl: undefined}
    const app = await make({limits: none})
    app.Route.use(() => delay(20)).ws('/app', () => undefined, {token: false})
    app.Route.ws('/route', () => undefined, {token: false, limits: {maxPayload: undefined}})
    for (const path of ['/app', '/route']) {
      const client = await connect(app, path, {token: false})
      client.send('x'.repeat(64 * 1024 + 1))
      expect((await client.closed).code).toBe(1009)
    }
    expect((await fetch(`${app.url}/${'x'.repeat(2_048)}`)).status).toBe(414)
  })

  it('an option that is undefined is not given', async () => {
    const app = await make({secret: undefined, limits: undefined, dir: undefined, refuse: undefined})
    app.Route.ws('/x', () => undefined, {token: undefined, limits: {maxPayload: undefined}})
    expect(app.routes()[0]).toMatchObject({token: true, auth: false})
  })

  it('a route may say the default where its app says something else', async () => {
    const app = await make({refuse: 'http', requireOrigin: true, whitelist: 'keep'})
    const same = {refuse: 'http', requireOrigin: true, whitelist: 'keep'} as const
    const other = {refuse: 'close', requireOrigin: false, whitelist: 'refuse'} as const
    app.Route.ws('/same', () => undefined, same)
    app.Route.ws('/other', () => undefined, other)
    expect(app.routes().map(route => route.options)).toEqual([{}, other])
  })
})
