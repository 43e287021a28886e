import {renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {Watch} from '#candy/dev/watch.js'
import {Watched} from '#candy/dev/watched.js'
import {appFolder, writeFiles, type Files} from '../support/app-folder.js'

vi.setConfig({testTimeout: 30_000})

/** A folder that is watched, and the files of the next change in it. */
async function watching(files: Files) {
  const dir = appFolder(files)
  const watched = new Watched(dir)
  const watch = new Watch(dir, watched, error => {
    throw error
  })
  onTestFinished(() => watch.close())
  await watch.ready()
  const changed = async () => {
    await watch.settled()
    return [...watch.take().files].map(file => watched.show(file)).toSorted()
  }
  return {dir, watch, changed}
}

/** As editors do that never leave half a file. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text)
  renameSync(`${file}.tmp`, file)
}

it('a file written in place, replaced, deleted, and there again', async () => {
  const {dir, changed} = await watching({'lib/a.ts': '0'})
  const file = join(dir, 'lib', 'a.ts')
  for (let n = 0; n < 3; n += 1) {
    for (const save of [writeFileSync, replace, replace, writeFileSync]) {
      save(file, String(n))
      expect(await changed()).toEqual(['lib/a.ts'])
    }
    rmSync(file)
    expect(await changed()).toEqual(['lib/a.ts'])
  }
})

it('files of folders that are made and removed', async () => {
  const {dir, changed} = await watching({'lib/a.ts': ''})
  writeFiles(dir, {'controllers/deep/b.ts': ''})
  expect(await changed()).toEqual(['controllers/deep/b.ts'])
  writeFiles(dir, {'controllers/deep/b.ts': '1'})
  expect(await changed()).toEqual(['controllers/deep/b.ts'])
  rmSync(join(dir, 'controllers'), {recursive: true})
  expect(await changed()).toEqual(['controllers/deep/b.ts'])
})

it('files of a folder that goes and comes again, however fast', async () => {
  const {dir, changed} = await watching({'lib/deep/a.ts': '0'})
  for (let n = 1; n <= 5; n += 1) {
    rmSync(join(dir, 'lib'), {recursive: true})
    writeFiles(dir, {'lib/deep/a.ts': String(n)})
    expect(await changed()).toContain('lib/deep/a.ts')
    // Whatever is watched by now, a later change is seen.
    for (let files: string[] = []; !files.includes('lib/b.ts'); files = await changed())
      writeFiles(dir, {'lib/b.ts': String(n)})
    replace(join(dir, 'lib', 'deep', 'a.ts'), `${n} again`)
    for (let files: string[] = []; !files.includes('lib/deep/a.ts');) files = await changed()
  }
})

it('a folder that is made and holds no code is no change', async () => {
  const {dir, changed} = await watching({'lib/a.ts': ''})
  writeFiles(dir, {'uploads/1/photo.png': ''})
  replace(join(dir, 'lib', 'a.ts'), '1')
  expect(await changed()).toEqual(['lib/a.ts'])
})

it('an event is told at once, a change when all is quiet, and what was taken does not come again', async () => {
  const {dir, watch, changed} = await watching({'lib/a.ts': '', 'lib/b.ts': ''})
  const stirred = watch.stirred()
  replace(join(dir, 'lib', 'a.ts'), '1')
  await stirred
  expect(await changed()).toEqual(['lib/a.ts'])
  replace(join(dir, 'lib', 'b.ts'), '1')
  expect(await changed()).toEqual(['lib/b.ts'])
})
