import {createApp, type CandyRoot} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {afterEach, expect, it, vi} from 'vitest'
import {appFolder, appOf, loadApp} from '../support/app-folder.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const commonjs = {'package.json': {type: 'commonjs'}}

/** Route files that hand out a function which uses the global whenever it is called. */
function reachingFiles() {
  const reach: (() => CandyRoot['Route'])[] = []
  vi.stubGlobal('keep', (fn: () => CandyRoot['Route']) => reach.push(fn))
  return {reach, files: {...commonjs, 'route/a.js': 'keep(() => Candy.Route)\n'}}
}

it('while an app loads, the global is that app, also when several load at once', async () => {
  const wait = 'await new Promise(done => setTimeout(done, 20))\n'
  const files = (name: string) => ({
    'package.json': {type: 'module'},
    'route/a.js': `Candy.Route.ws('/${name}/1', () => {})\n${wait}Candy.Route.ws('/${name}/2', () => {})\n`,
    'route/b.js': `export default async root => {
      ${wait}
      root.Route.ws('/${name}/3', () => {})
      Candy.Route.ws('/${name}/4', () => {})
    }`,
  })
  const apps = await Promise.all(['a', 'b', 'c'].map(name => appOf(files(name))))
  expect(apps.map(app => app.routes().map(route => route.path))).toEqual(
    ['a', 'b', 'c'].map(name => [1, 2, 3, 4].map(count => `/${name}/${count}`)),
  )
})

it('afterwards it is the only app that is open', async () => {
  const {reach, files} = reachingFiles()
  const app = await appOf(files)
  expect(reach[0]!()).toBe(app.Route)
  const client = await connect(await appRoute(reach[0]!(), app), '/later', {token: false})
  expect(await client.next()).toBe('declared later')
})

async function appRoute(route: CandyRoot['Route'], app: Awaited<ReturnType<typeof createApp>>) {
  await app.listen({port: 0})
  route.ws('/later', Candy => Candy.ws.send('declared later'), {token: false})
  return app
}

it('with several apps open, using it is an error that says to use the default-export form', async () => {
  const {reach, files} = reachingFiles()
  const dir = appFolder(files)
  await loadApp(dir)
  await loadApp(dir)
  expect(reach).toHaveLength(2)
  for (const use of reach)
    expect(use).toThrow(/any of 2 apps.*export default a function.*module\.exports = Candy =>/)
})

it('what belongs to a connection is an error that says where to take it from', async () => {
  const app = await appOf({
    ...commonjs,
    'route/a.js': `Candy.Route.ws('/a', context => {
      try {
        Candy.ws.send('from the global')
      } catch (error) {
        context.ws.send(error.message)
      }
    }, {token: false})`,
  })
  const client = await connect(app, '/a', {token: false})
  expect(await client.next()).toMatch(/^Candy\.ws belongs to a connection.*parameter, Candy =>/)
})

it('a closed app does not count, nor does one that did not boot', async () => {
  const {reach, files} = reachingFiles()
  const dir = appFolder(files)
  const first = await loadApp(dir)
  const second = await loadApp(dir)
  await expect(createApp({routes: [root => root.Route.ws('malformed', () => {})]})).rejects.toThrow(
    'malformed',
  )
  await first.close()
  expect(reach[0]!()).toBe(second.Route)

  const third = await createApp()
  expect(reach[0]!).toThrow('any of 2 apps')
  await second.close()
  expect(reach[0]!()).toBe(third.Route)
  await third.close()
  expect(reach[0]!).toThrow()
})

it('an app without files counts too: the default-export form reaches its own among several', async () => {
  const roots: CandyRoot[] = []
  vi.stubGlobal('keep', (root: CandyRoot) => roots.push(root))
  const app = await appOf({...commonjs, 'route/a.js': 'module.exports = Candy => keep(Candy)\n'})
  const other = await createApp()
  expect(roots[0]!.Route).toBe(app.Route)
  await other.close()
})

it('middleware files find it as well', async () => {
  const app = await appOf({
    ...commonjs,
    'middleware/full.js':
      'module.exports = context => Candy.Route.wsServer.clientCount < 1 || context.ws.close(4100, "full")\n',
    'route/a.js': `Candy.Route.use('full').ws('/a', Candy => Candy.ws.send('in'), {token: false})`,
  })
  const first = await connect(app, '/a', {token: false})
  expect(await first.next()).toBe('in')
  const second = await connect(app, '/a', {token: false})
  expect(await second.closed).toEqual({code: 4100, reason: 'full'})
})

it('a global Candy of your own is left alone', async () => {
  vi.stubGlobal('Candy', 'mine')
  const app = await createApp()
  expect((globalThis as {Candy?: unknown}).Candy).toBe('mine')
  await app.close()
  expect((globalThis as {Candy?: unknown}).Candy).toBe('mine')
})
