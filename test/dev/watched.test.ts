import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Watched} from '#candy/dev/watched.js'
import {appFolder} from '../support/app-folder.js'

const app = {
  'tsconfig.build.json': `{
    // A comment: it is no JSON.
    "compilerOptions": {"outDir": "./web/out", "declarationDir": "types"}
  }`,
}

/** Of these paths, those that count. */
function counted(paths: readonly string[]): string[] {
  const dir = appFolder(app)
  const watched = new Watched(dir)
  return paths.filter(path => watched.hasFile(join(dir, path)))
}

describe('what counts as a change', () => {
  it.each([
    'controllers/room.ts',
    'controllers/deep/er/room.mts',
    'web/route/www.js',
    'route/legacy.cjs',
    'lib/dist/shared.mjs',
    'messages/public/say.ts',
    'candy.config.ts',
    'candy.config.json',
    'package.json',
    'web/package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ])('%s', path => expect(counted([path])).toEqual([path]))

  it.each([
    ['what is installed', ['node_modules/ws/index.js', 'web/node_modules/ws/index.js']],
    ['what begins with a dot', ['.git/hooks/a.js', '.cache/a.ts', 'controllers/.room.ts', '.eslintrc.js']],
    ['what is read at each request', ['public/page.js', 'web/public/page.js']],
    ['what a build writes', ['dist/a.js', 'build/a.js', 'coverage/a.js', 'web/out/a.js', 'types/a.ts']],
    ['tests', ['test/a.ts', 'tests/a.ts', 'controllers/room.test.ts', 'lib/a.spec.js']],
    ['declarations', ['contract.d.ts', 'lib/contract.d.mts']],
    ['what is no code', ['notes.md', 'data.json', 'web/views/page.html', 'package-lock.json']],
    [
      'what an editor writes beside a file',
      ['lib/4913', 'lib/.a.ts.swp', 'lib/a.ts~', 'lib/#a.ts#', 'lib/.#a.ts', 'lib/a.ts.tmp', 'lib/sedX1y2Z3'],
    ],
  ])('not %s', (_, paths) => expect(counted(paths)).toEqual([]))
})

it('an app that lies under a node_modules or a dot folder itself is watched', () => {
  const dir = join(appFolder({'node_modules/.app/controllers/a.ts': ''}), 'node_modules', '.app')
  expect(new Watched(dir).hasFile(join(dir, 'controllers', 'a.ts'))).toBe(true)
})
