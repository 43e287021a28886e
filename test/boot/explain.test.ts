import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {appFolder, writeFiles} from '../support/app-folder.js'
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
  const runs = 'This runs while the app starts: mend it here, or move it into a function that runs later.'
  expect(await told(files)).toEqual([
    `lib/deep.mjs:2  did not load, and route/d.mjs with it: it imports '../gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/a.mjs:2  did not load: it imports '../lib/other', which is not there [LOAD_FAILED]\n    Write the extension: '../lib/other.mjs'.`,
    `route/b.mjs:1  did not load: it imports '../lib/folder', which is not there [LOAD_FAILED]\n    Write the extension: '../lib/folder/index.js'.`,
    `route/c.mjs:1  did not load: it imports './gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/e.cjs:2  did not load: it imports './gone.js', which is not there [LOAD_FAILED]\n    ${gone}`,
    `route/f.mjs:1  did not load: it imports '@some/nothing', which is not there [LOAD_FAILED]\n    npm install @some/nothing`,
    `route/g.cjs:1  did not load: it imports 'some-nothing/sub', which is not there [LOAD_FAILED]\n    npm install some-nothing`,
    `route/h.mjs:1  did not load: Cannot find module './x' imported from y [LOAD_FAILED]\n    ${runs}`,
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
    `route/a.mjs:2  did not load: candy-ws has no export 'Nothing' [LOAD_FAILED]\n    Mend the name; if it is a type, write import type {Nothing}.`,
    `route/b.mjs:1  did not load: ../lib/other.mjs has no export 'default' [LOAD_FAILED]\n    Import by name: import {...}.`,
    `route/c.cjs:2  did not load: Candy.Route.authPage is not a function [LOAD_FAILED]\n    ${has}`,
    `route/d.cjs:1  did not load: Candy.Route.use(...).set is not a function [LOAD_FAILED]\n    ${has}`,
  ])
})

const broken = 'const a = 1\nconst b = 2\nconst c = = 3\n'

it('a syntax error has its line, as Node finds it', async () => {
  const [cjs, mjs] = await told({'route/a.cjs': broken, 'route/b.mjs': `export {}\n${broken}`})
  expect(cjs).toMatch(/^route\/a\.cjs:3 {2}/)
  expect(mjs).toMatch(/^route\/b\.mjs:4 {2}/)
})

it('a syntax error met by the TypeScript loader: the file at fault, and the line as its own parser or the installed TypeScript finds it', async () => {
  const files = {
    'controllers/a.ts': `export {}\n${broken}`,
    'controllers/b.ts': `import '../lib/broken.js'\n${decorated}`,
    'controllers/sound.ts': decorated,
    'lib/broken.ts': `export {}\n${broken}`,
    'route/c.cjs': broken,
    'route/d.mjs': `export {}\n${broken}`,
  }
  const stopped = 'The parser stopped there; what it stumbled over may stand just before.'
  expect(await told(files)).toEqual([
    `controllers/a.ts:4  did not load: syntax error: Unexpected token [LOAD_FAILED]\n    ${stopped}`,
    `lib/broken.ts:4  did not load, and controllers/b.ts with it: syntax error: Unexpected token [LOAD_FAILED]\n    ${stopped}`,
    `route/c.cjs:3  did not load: syntax error: Unexpected token [LOAD_FAILED]\n    ${stopped}`,
    `route/d.mjs:4  did not load: syntax error: Unexpected token [LOAD_FAILED]\n    ${stopped}`,
  ])
})

it('a syntax error in TypeScript where none is installed: who names the line', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'candy-bare-'))
  onTestFinished(() => rmSync(dir, {recursive: true}))
  writeFiles(dir, {'controllers/a.ts': broken})
  expect((await candy(['check', dir]).exited).stderr).toBe(
    'controllers/a.ts:1  did not load: syntax error: Unexpected token [LOAD_FAILED]\n    `npx tsc --noEmit` names the line.\n',
  )
})

it('what a file does while it loads: a name that is not there, what it throws, a decorator without parentheses', async () => {
  const files = {
    'controllers/auth.ts': `import {Auth, OnOpen, WsRoute} from 'candy-ws'\n@WsRoute('/x')\n@Auth\nexport class X {\n  @OnOpen() opened() {}\n}\n`,
    'lib/config.mjs': `\nJSON.parse('{')\n`,
    'route/a.mjs': `\nnobody()\n`,
    'route/b.mjs': `import '../lib/config.mjs'\n`,
  }
  const [auth, config, name] = await told(files)
  expect(auth).toMatch(
    /^controllers\/auth\.ts:\d {2}did not load: @Auth stands without its parentheses \[LOAD_FAILED\]\n {4}Write @Auth\(\.\.\.\)\.$/,
  )
  expect(config).toMatch(
    /^lib\/config\.mjs:2 {2}did not load, and route\/b\.mjs with it: .*JSON.* \[LOAD_FAILED\]\n {4}This runs while the app starts: /,
  )
  expect(name).toBe(
    'route/a.mjs:2  did not load: nobody is not defined [LOAD_FAILED]\n    Import or declare nobody.',
  )
})

it('what `import type` took is said where it is missed', async () => {
  const controller = `import {OnMessage, WsRoute} from 'candy-ws'
import type {Token} from 'candy-ws'

/** Token is missed below. */
@WsRoute('/a')
@Token(false)
export class A {
  @OnMessage('b')
  b() {}
}
`
  const files = {
    'controllers/a.ts': controller,
    'controllers/b.ts': controller.replace(/^import type.*$/m, '').replace("'/a'", "'/b'"),
  }
  expect(await told(files)).toEqual([
    'controllers/a.ts:6  did not load: Token is not defined [LOAD_FAILED]\n    It is imported by `import type`, which is gone when the file runs: import Token without `type`.',
    'controllers/b.ts:6  did not load: Token is not defined [LOAD_FAILED]\n    Import or declare Token.',
  ])
})
