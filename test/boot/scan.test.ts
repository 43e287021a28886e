import {createApp, type App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {expect, it} from 'vitest'
import {appOf, type Files} from '../support/app-folder.js'

const paths = (app: App) =>
  app
    .routes()
    .map(route => route.path)
    .toSorted()

const controller = (path: string) => `import {OnMessage, Token, WsRoute} from 'candy-ws'
@WsRoute('${path}')
@Token(false)
export class Controller {
  @OnMessage('say') say() { return '${path}' }
}
`
const route = (path: string) => `Candy.Route.ws('${path}', () => {}, {token: false})\n`
const commonjs = {'package.json': {type: 'commonjs'}}

it('without dir nothing is scanned, not even the current folder', async () => {
  const app = await createApp()
  expect(app.routes()).toEqual([])
  await app.close()
})

it('scans the app folder and its web/', async () => {
  const app = await appOf({
    ...commonjs,
    'controllers/a.ts': controller('/controllers'),
    'web/controllers/b.ts': controller('/web/controllers'),
    'route/a.js': `Candy.Route.use('one', 'two').ws('/route', Candy => Candy.ws.send(Candy.ws.data), {token: false})`,
    'web/route/b.js': route('/web/route'),
    'middleware/one.js': 'module.exports = Candy => { Candy.ws.data.one = 1 }\n',
    'web/middleware/two.js': 'module.exports = Candy => { Candy.ws.data.two = 2 }\n',
  })
  expect(paths(app)).toEqual(['/controllers', '/route', '/web/controllers', '/web/route'])
  const client = await connect(app, '/route', {token: false})
  expect(await client.next()).toEqual({one: 1, two: 2})
})

it('finds controllers at any depth, routes and middleware only in their folder', async () => {
  const app = await appOf({
    ...commonjs,
    'controllers/chat/rooms/deep.ts': controller('/deep'),
    'route/a.js': route('/flat'),
    'route/lib/helper.js': `throw new Error('not a route file')`,
    'middleware/lib/helper.js': `throw new Error('not a middleware')`,
  })
  expect(paths(app)).toEqual(['/deep', '/flat'])
})

it('skips tests, declarations and what is no code', async () => {
  const broken = `throw new Error('not to be loaded')\n`
  const skipped: Files = Object.fromEntries(
    [
      'a.test.ts',
      'a.spec.ts',
      'a.test.js',
      'a.spec.mjs',
      'a.d.ts',
      'a.d.mts',
      'notes.md',
      'a.js.map',
      'a.json',
    ]
      .flatMap(name => [`controllers/${name}`, `route/${name}`, `middleware/${name}`])
      .map(file => [file, broken]),
  )
  const app = await appOf({
    ...commonjs,
    ...skipped,
    'controllers/node_modules/some/index.js': broken,
    'controllers/contest.ts': controller('/contest'),
    'route/latest.js': route('/latest'),
  })
  expect(paths(app)).toEqual(['/contest', '/latest'])
})

it('takes room.ts beside room.js once: the source', async () => {
  const broken = `throw new Error('compiled, and stale')\n`
  const app = await appOf({
    ...commonjs,
    'controllers/room.ts': controller('/room'),
    'controllers/room.js': broken,
    'route/game.ts': `declare const Candy: import('candy-ws').CandyRoot\n${route('/game')}`,
    'route/game.js': broken,
    'route/other.mts': `declare const Candy: import('candy-ws').CandyRoot\n${route('/other')}`,
    'route/other.mjs': broken,
  })
  expect(paths(app)).toEqual(['/game', '/other', '/room'])
})

it('takes a class once, however often it is exported', async () => {
  const app = await appOf({
    ...commonjs,
    'controllers/room.ts': `${controller('/room')}export {Controller as Again}\nexport default Controller\n`,
    'controllers/index.ts': `export * from './room.js'\n`,
  })
  expect(paths(app)).toEqual(['/room'])
})

it('finds controllers in CommonJS exports, ES exports and default exports', async () => {
  const app = await appOf({
    ...commonjs,
    'controllers/a.ts': controller('/a'),
    'controllers/b.mts': controller('/b'),
    'controllers/c.ts': `${controller('/c').replace('export class', 'class')}export default Controller\n`,
    'controllers/e.js': `const {WsRoute, OnMessage} = require('candy-ws')
class E { say() {} }
OnMessage('say')(E.prototype, 'say', Object.getOwnPropertyDescriptor(E.prototype, 'say'))
WsRoute('/e')(E)
module.exports = {E}
`,
  })
  expect(paths(app)).toEqual(['/a', '/b', '/c', '/e'])
})

it.each(['js', 'cjs', 'mjs', 'ts', 'cts', 'mts'])(
  'takes middleware/<name>.%s by its name',
  async extension => {
    const body =
      extension.startsWith('m') || extension.endsWith('ts')
        ? 'export default () => false\n'
        : 'module.exports = () => false\n'
    const app = await appOf({
      ...commonjs,
      [`middleware/no-entry.${extension}`]: body,
      'route/a.js': `Candy.Route.use('no-entry').ws('/a', () => {}, {token: false})`,
    })
    const client = await connect(app, '/a', {token: false})
    expect(await client.closed).toEqual({code: 4003, reason: 'Forbidden'})
  },
)

it('an app folder without any of the folders is an app without routes', async () => {
  const app = await appOf(commonjs)
  expect(app.routes()).toEqual([])
})

it('a folder that does not exist is a boot error', async () => {
  await expect(createApp({dir: 'no/such/folder'})).rejects.toMatchObject({
    problems: [{code: 'INVALID_OPTION', message: 'the folder no/such/folder does not exist'}],
  })
})

it('a file or a URL for the folder is a boot error', async () => {
  const remedy = 'Give the app folder: createApp({dir: import.meta.dirname}).'
  await expect(createApp({dir: import.meta.filename})).rejects.toMatchObject({
    problems: [{code: 'INVALID_OPTION', message: `${import.meta.filename} is a file, not a folder`, remedy}],
  })
  await expect(createApp({dir: import.meta.url})).rejects.toMatchObject({
    problems: [
      {
        code: 'INVALID_OPTION',
        message: `dir is ${import.meta.url}: it takes a path, not a URL`,
        remedy: 'Write import.meta.dirname.',
      },
    ],
  })
})
