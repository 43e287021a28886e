import {connect} from 'candy-ws/testing'
import {afterEach, describe, expect, it} from 'vitest'
import {appFolder, appOf, loadApp, type Files} from '../support/app-folder.js'

const shared = globalThis as {evaluations?: number}
afterEach(() => {
  delete shared.evaluations
})

const commonjs = `module.exports = root => { root.Route.ws('/exported', Candy => Candy.ws.send(typeof require), {token: false}) }
globalThis.evaluations = (globalThis.evaluations ?? 0) + 1
Candy.Route.ws('/global', Candy => Candy.ws.send(typeof require), {token: false})
`
const module = `export default root => { root.Route.ws('/exported', Candy => Candy.ws.send(typeof require), {token: false}) }
globalThis.evaluations = (globalThis.evaluations ?? 0) + 1
Candy.Route.ws('/global', Candy => Candy.ws.send(typeof require), {token: false})
`
const typed = `import type {Candy as Context, CandyRoot} from 'candy-ws'
declare const Candy: CandyRoot
declare const globalThis: {evaluations?: number}
export default (root: CandyRoot): void => { root.Route.ws('/exported', (Candy: Context) => Candy.ws.send(typeof require), {token: false}) }
globalThis.evaluations = (globalThis.evaluations ?? 0) + 1
Candy.Route.ws('/global', (Candy: Context) => Candy.ws.send(typeof require), {token: false})
`

const typedCommonjs = `declare const Candy: import('candy-ws').CandyRoot
${commonjs.replace('root =>', '(root: typeof Candy) =>').replace('Candy =>', '(Candy: import("candy-ws").Candy) =>')}`

/** Where `require` is a function the file runs as CommonJS. TypeScript with `export` is an ES module by its syntax. */
const cases: readonly (readonly [name: string, format: 'commonjs' | 'module', files: Files])[] = [
  ['.js, type commonjs', 'commonjs', {'package.json': {type: 'commonjs'}, 'route/a.js': commonjs}],
  ['.js, no type', 'commonjs', {'package.json': {}, 'route/a.js': commonjs}],
  ['.js, type module', 'module', {'package.json': {type: 'module'}, 'route/a.js': module}],
  ['.js, no type, a module by its syntax', 'module', {'package.json': {}, 'route/a.js': module}],
  ['.cjs, type module', 'commonjs', {'package.json': {type: 'module'}, 'route/a.cjs': commonjs}],
  ['.mjs, type commonjs', 'module', {'package.json': {type: 'commonjs'}, 'route/a.mjs': module}],
  ['.ts, type commonjs', 'module', {'package.json': {type: 'commonjs'}, 'route/a.ts': typed}],
  ['.ts, no type', 'module', {'package.json': {}, 'route/a.ts': typed}],
  ['.ts with module.exports', 'commonjs', {'package.json': {type: 'commonjs'}, 'route/a.ts': typedCommonjs}],
  ['.ts, type module', 'module', {'package.json': {type: 'module'}, 'route/a.ts': typed}],
  ['.cts, type module', 'commonjs', {'package.json': {type: 'module'}, 'route/a.cts': typedCommonjs}],
  ['.mts, type commonjs', 'module', {'package.json': {type: 'commonjs'}, 'route/a.mts': typed}],
  [
    'the nearest package.json counts',
    'commonjs',
    {'package.json': {type: 'module'}, 'web/package.json': {type: 'commonjs'}, 'web/route/a.js': commonjs},
  ],
  [
    'a package.json in the route folder itself',
    'module',
    {'package.json': {type: 'commonjs'}, 'route/package.json': {type: 'module'}, 'route/a.js': module},
  ],
]

describe.each(cases)('a route file: %s', (_, format, files) => {
  it(`loads as ${format}, its default export is called with the root`, async () => {
    const app = await appOf(files)
    expect(app.routes().map(route => route.path)).toEqual(['/global', '/exported'])
    const client = await connect(app, '/exported', {token: false})
    expect(await client.next()).toBe(format === 'commonjs' ? 'function' : 'undefined')
  })

  it('is evaluated anew for each app', async () => {
    const dir = appFolder(files)
    for (const count of [1, 2, 3]) {
      const app = await loadApp(dir)
      expect(app.routes()).toHaveLength(2)
      expect(shared.evaluations).toBe(count)
      await app.close()
    }
  })
})

describe('a route file', () => {
  it('may export a function that declares later; the app waits for it', async () => {
    const app = await appOf({
      'package.json': {type: 'module'},
      'route/a.js': `export default async root => {
        await new Promise(done => setImmediate(done))
        root.Route.ws('/late', () => {})
      }`,
    })
    expect(app.routes().map(route => route.path)).toEqual(['/late'])
  })

  it('may require and import files beside it', async () => {
    const app = await appOf({
      'package.json': {type: 'commonjs'},
      'route/a.js': `const {path} = require('../paths.js')\nCandy.Route.ws(path, () => {})\n`,
      'route/b.mjs': `import {path} from '../other.mjs'\nCandy.Route.ws(path, () => {})\n`,
      'paths.js': `exports.path = '/a'\n`,
      'other.mjs': `export const path = '/b'\n`,
    })
    expect(app.routes().map(route => route.path)).toEqual(['/a', '/b'])
  })
})

describe('a file in the wrong format', () => {
  it('module.exports in a file that its package.json makes an ES module: place and remedy', async () => {
    const app = appOf({
      'package.json': {type: 'module'},
      'route/a.js': `\n\nmodule.exports = root => {}\n`,
      'middleware/b.js': `module.exports = () => true\n`,
    })
    await expect(app).rejects.toMatchObject({
      problems: ['middleware/b.js:1', 'route/a.js:3'].map(place => ({
        code: 'MODULE_FORMAT',
        place,
        remedy: expect.stringContaining('{"type": "commonjs"}') as string,
      })),
    })
  })

  it('what a file throws is told with its line', async () => {
    const app = appOf({
      'package.json': {type: 'module'},
      'route/a.ts': `type Gone = string\n\nthrow new Error('mine' as Gone)\n`,
      'route/b.js': `throw null\n`,
    })
    await expect(app).rejects.toMatchObject({
      problems: [
        {code: 'LOAD_FAILED', place: 'route/a.ts:3', message: 'did not load: mine'},
        {code: 'LOAD_FAILED', place: 'route/b.js:1', message: 'did not load: null'},
      ],
    })
  })
})
