import {renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {Stamps} from '#candy/dev/stamps.js'
import {Watched} from '#candy/dev/watched.js'
import {appFolder, writeFiles} from '../support/app-folder.js'

function stamped() {
  const dir = appFolder({'a.ts': '', 'lib/b.ts': '', 'lib/c.ts': '', 'notes.md': ''})
  const watched = new Watched(dir)
  const stamps = new Stamps(dir, watched)
  return {
    dir,
    stamps,
    changed: () =>
      stamps
        .changed()
        .map(file => watched.show(file))
        .toSorted(),
  }
}

it('files that were written, replaced, deleted or are new differ from what is known', () => {
  const {dir, changed} = stamped()
  expect(changed()).toEqual([])
  writeFileSync(join(dir, 'a.ts'), 'longer')
  writeFileSync(join(dir, 'b.tmp'), '')
  renameSync(join(dir, 'b.tmp'), join(dir, 'lib', 'b.ts'))
  rmSync(join(dir, 'lib', 'c.ts'))
  writeFiles(dir, {'new/d.ts': '', 'notes.md': 'changed'})
  expect(changed()).toEqual(['a.ts', 'lib/b.ts', 'lib/c.ts', 'new/d.ts'])
})

it('a file that is taken for known differs no more, until it is written again', () => {
  const {dir, stamps, changed} = stamped()
  const file = join(dir, 'a.ts')
  writeFileSync(file, '1')
  stamps.know(file)
  expect(changed()).toEqual([])
  rmSync(file)
  stamps.know(file)
  expect(changed()).toEqual([])
  writeFileSync(file, '2')
  expect(changed()).toEqual(['a.ts'])
})

it('a folder that a link leads back to is read once', () => {
  const {dir, changed} = stamped()
  symlinkSync(dir, join(dir, 'lib', 'round'), 'dir')
  writeFileSync(join(dir, 'a.ts'), '1')
  expect(changed()).toEqual(['a.ts'])
})
