import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {appFolder, loadApp} from '../support/app-folder.js'

const route = `Candy.Route.ws('/a', () => {})`

it('an app behind a link is evaluated anew for each app', async () => {
  const dir = appFolder({'real/package.json': {}, 'real/route/a.js': route})
  symlinkSync(join(dir, 'real'), join(dir, 'link'), 'dir')
  for (let n = 0; n < 2; n += 1) expect((await loadApp(join(dir, 'link'))).routes()).toHaveLength(1)
})

it('an app that lies under a node_modules is scanned; what it has installed itself is not', async () => {
  const dir = appFolder({
    'node_modules/app/package.json': {type: 'module'},
    'node_modules/app/controllers/node_modules/other/b.js': `export const never = () => { throw new Error('loaded') }`,
    'node_modules/app/route/a.js': route,
  })
  expect((await loadApp(join(dir, 'node_modules', 'app'))).routes()).toHaveLength(1)
})

it('faults are told by file, then by line', async () => {
  const dir = appFolder({
    'candy.config.json': '{"trustProxy": "nobody"}',
    'route/a.js': 'Candy.Route.ws("a", 5)',
  })
  const places = await loadApp(dir).then(
    () => [],
    (error: {problems: {place: string}[]}) => error.problems.map(problem => problem.place),
  )
  expect(places).toEqual(['candy.config.json:1', 'route/a.js:1', 'route/a.js:1'])
})
