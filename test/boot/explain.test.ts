import {expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const decorated = `import {OnOpen, WsRoute} from 'candy-ws'
@WsRoute('/sound')
export class Sound {
  @OnOpen() opened() {}
}
`

/** What `candy check` says of the files, in a process of its own: no loader of the tests has a part in it. */
async function told(files: Readonly<Record<string, string>>): Promise<string[]> {
  const {code, stderr} = await candy(['check', appFolder({'package.json': {}, ...files})]).exited
  expect(code).toBe(1)
  return stderr.trimEnd().split(/\n(?! )/)
}

it('an import that is not there: the line of the import, and the extension if that is what is missing', async () => {
  const files = {
    'lib/other.mjs': 'export const x = 1\n',
    'lib/folder/index.js': 'exports.x = 1\n',
    'lib/deep.mjs': `// gone\nimport '../gone.js'\n`,
    'route/a.mjs': `import fs from 'node:fs'\nimport {x} from '../lib/other'\n`,
    'route/b.mjs': `import '../lib/folder'\n`,
    'route/c.mjs': `import './gone.js'\n`,
    'route/d.mjs': `\nimport '../lib/deep.mjs'\n`,
    'route/e.cjs': `\nrequire('./gone.js')\n`,
    'route/f.mjs': `import x from '@some/nothing/sub'\n`,
    'route/g.cjs': `const x = require('some-nothing/sub')\n`,
    'route/h.mjs': `throw new Error("Cannot find module './x' imported from y")\n`,
  }
  const gone = 'Mend the path; capitals count.'
  expect(await told(files)).toEqual([
    `lib/deep.mjs:2  route/d.mjs did not load: lib/deep.mjs imports '../gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/a.mjs:2  route/a.mjs did not load: it imports '../lib/other', which is not there [LOAD_FAILED]\n    Write the extension: '../lib/other.mjs'.`,
    `route/b.mjs:1  route/b.mjs did not load: it imports '../lib/folder', which is not there [LOAD_FAILED]\n    Write the extension: '../lib/folder/index.js'.`,
    `route/c.mjs:1  route/c.mjs did not load: it imports './gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/e.cjs:2  route/e.cjs did not load: it imports './gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/f.mjs:1  route/f.mjs did not load: it imports '@some/nothing', which is not there [LOAD_FAILED]\n    npm install @some/nothing`,
    `route/g.cjs:1  route/g.cjs did not load: it imports 'some-nothing/sub', which is not there [LOAD_FAILED]\n    npm install some-nothing`,
    `route/h.mjs:1  route/h.mjs did not load: Cannot find module './x' imported from y [LOAD_FAILED]\n    Mend the error.`,
  ])
})

it('an export that is not there, and a method that Candy.Route has not', async () => {
  const files = {
    'lib/other.mjs': 'export const x = 1\n',
    'route/a.mjs': `\nimport {Nothing} from 'candy-ws'\n`,
    'route/b.mjs': `import other from '../lib/other.mjs'\n`,
    'route/c.cjs': `\nCandy.Route.authPage('/x', () => {})\n`,
    'route/d.cjs': `Candy.Route.use('rate-limit').set({})\n`,
  }
  const has =
    'Candy.Route has ws, page, get, post, use() and auth: see the guide, migrating-from-candypack.md.'
  expect(await told(files)).toEqual([
    `route/a.mjs:2  route/a.mjs did not load: candy-ws has no export 'Nothing' [LOAD_FAILED]\n    Mend the name; if it is a type, write import type {Nothing}.`,
    `route/b.mjs:1  route/b.mjs did not load: ../lib/other.mjs has no export 'default' [LOAD_FAILED]\n    Import by name: import {...}.`,
    `route/c.cjs:2  route/c.cjs did not load: Candy.Route.authPage is not a function [LOAD_FAILED]\n    ${has}`,
    `route/d.cjs:1  route/d.cjs did not load: Candy.Route.use(...).set is not a function [LOAD_FAILED]\n    ${has}`,
  ])
})

const broken = 'const a = 1\nconst b = 2\nconst c = = 3\n'

it('a syntax error has its line, as Node finds it', async () => {
  const [cjs, mjs] = await told({'route/a.cjs': broken, 'route/b.mjs': `export {}\n${broken}`})
  expect(cjs).toMatch(/^route\/a\.cjs:3 {2}/)
  expect(mjs).toMatch(/^route\/b\.mjs:4 {2}/)
})

it('a syntax error met by the TypeScript loader: the file at fault, the line if it can be had, else who names it', async () => {
  const files = {
    'controllers/a.ts': `export {}\n${broken}`,
    'controllers/b.ts': `import '../lib/broken.js'\n${decorated}`,
    'controllers/sound.ts': decorated,
    'lib/broken.ts': `export {}\n${broken}`,
    'route/c.cjs': broken,
    'route/d.mjs': `export {}\n${broken}`,
  }
  const tsc = 'Mend the error: `npx tsc --noEmit` names the line.'
  expect(await told(files)).toEqual([
    `controllers/a.ts:1  controllers/a.ts did not load: syntax error: Unexpected token [LOAD_FAILED]\n    ${tsc}`,
    `lib/broken.ts:1  controllers/b.ts did not load: syntax error in lib/broken.ts: Unexpected token [LOAD_FAILED]\n    ${tsc}`,
    `route/c.cjs:3  route/c.cjs did not load: syntax error: Unexpected token [LOAD_FAILED]\n    Mend the error.`,
    `route/d.mjs:4  route/d.mjs did not load: syntax error: Unexpected token [LOAD_FAILED]\n    Mend the error.`,
  ])
})
