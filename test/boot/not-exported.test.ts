import {BootError, createApp} from 'candy-ws'
import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {appFolder, appOf, type Files} from '../support/app-folder.js'

const imports = `import {OnMessage, WsRoute} from 'candy-ws'\n`
const controller = (name: string, before = '') => `@WsRoute('/${name}')
${before}class ${name} {
  @OnMessage('say') say() {}
}
`

async function faultsOf(dir: string): Promise<string[]> {
  const error = await createApp({dir}).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BootError)
  return (error as BootError).message.split('\n')
}

const told = (place: string, name: string) => [
  `${place}  ${name} has @WsRoute and is not exported [NOT_EXPORTED]`,
  `    Write: export class ${name}.`,
]
const sound = (name: string) => `${imports}${controller(name, 'export ')}`
const forgotten = (name: string) => `${imports}${controller(name)}`

it('a controller without export is told, with its line, beside others that have it', async () => {
  const dir = appFolder({
    'controllers/a.ts': sound('A'),
    'controllers/b.ts': `${sound('B')}${controller('C')}`,
    'controllers/deep/d.mts': forgotten('D'),
  })
  expect(await faultsOf(dir)).toEqual([
    ...told('controllers/b.ts:6', 'C'),
    ...told('controllers/deep/d.mts:2', 'D'),
  ])
})

it('of each app of the process, though Node evaluates the file once', async () => {
  const dir = appFolder({'controllers/a.ts': forgotten('A')})
  const fault = told('controllers/a.ts:2', 'A')
  expect(await faultsOf(dir)).toEqual(fault)
  expect(await faultsOf(dir)).toEqual(fault)
  expect(await Promise.all([faultsOf(dir), faultsOf(dir)])).toEqual([fault, fault])
})

it('of a file that another one imports first', async () => {
  const dir = appFolder({
    'controllers/a.ts': `import '../controllers/b.js'\n${sound('A')}`,
    'controllers/b.ts': `export const x = 1\n${forgotten('B')}`,
  })
  expect(await faultsOf(dir)).toEqual(told('controllers/b.ts:3', 'B'))
})

it('in CommonJS, and in a folder behind a link', async () => {
  const commonjs = `const {OnMessage, WsRoute} = require('candy-ws')
class E { say() {} }
OnMessage('say')(E.prototype, 'say', Object.getOwnPropertyDescriptor(E.prototype, 'say'))
WsRoute('/e')(E)
`
  const dir = appFolder({'package.json': {type: 'commonjs'}, 'controllers/e.js': commonjs})
  const linked = join(appFolder({}), 'app')
  symlinkSync(dir, linked, 'dir')
  expect((await faultsOf(linked))[0]).toContain('E has @WsRoute and is not exported')
})

const fine: readonly (readonly [name: string, files: Files, paths: readonly string[]])[] = [
  [
    'a base class that an exported one extends',
    {
      'controllers/a.ts': `${forgotten('Base')}
abstract class Middle extends Base {}
@WsRoute('/a')
export class A extends Middle {}
`,
    },
    ['/a'],
  ],
  [
    'a class that another file exports, or exported under another name',
    {
      'controllers/a.ts': `${forgotten('A')}export {A as Other}\n`,
      'controllers/index.ts': `export * from './a.js'\n`,
      'controllers/c.ts': `${forgotten('C')}export default {C}\n`,
    },
    ['/A', '/C'],
  ],
  [
    'a class that a decorator wraps',
    {
      'controllers/a.ts': `const wrap = <T extends object>(cls: T): any => new Proxy(cls, {})
${imports}@wrap
${controller('A')}export {A}
`,
    },
    ['/A'],
  ],
  [
    'a class outside controllers/',
    {'controllers/a.ts': `import '../lib/b.js'\n${sound('A')}`, 'lib/b.ts': `export {}\n${forgotten('B')}`},
    ['/A'],
  ],
]

it.each(fine)('%s is no fault', async (_, files, paths) => {
  const app = await appOf(files)
  expect(app.routes().map(route => route.path)).toEqual(paths)
})
