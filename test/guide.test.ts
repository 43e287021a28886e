import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {createApp} from 'candy-ws'
import {afterEach, describe, expect, it, onTestFinished} from 'vitest'
import {appFolder, removeFolders, type Files} from './support/app-folder.js'
import {memoryLogger} from './support/log.js'

afterEach(removeFolders)

const folder = join(import.meta.dirname, '../docs/guide')
const pages = readdirSync(folder).filter(name => name.endsWith('.md'))
const text = (page: string) => readFileSync(join(folder, page), 'utf8')

/** Code blocks that begin with the name of their file. */
function filesOf(page: string): Files {
  const blocks = [...text(page).matchAll(/```[jt]s\n\/\/ ([\w./-]+\.[jt]s)\n([\s\S]*?)```/g)]
  return Object.fromEntries(blocks.map(([, name, code]) => [name!, code!]))
}

const isCommonJs = (code: unknown) => typeof code === 'string' && !/^(?:import|export)\b/m.test(code)

describe('the guide', () => {
  it.each(pages.filter(page => Object.keys(filesOf(page)).length > 0))(
    'shows files that load: %s',
    async page => {
      const files = filesOf(page)
      const common = new Set(
        Object.entries(files).flatMap(([name, code]) =>
          name.endsWith('.js') && isCommonJs(code) ? dirname(name) : [],
        ),
      )
      const manifests = [...common].map(at => [join(at, 'package.json'), {type: 'commonjs'}] as const)
      const dir = appFolder({'package.json': {type: 'module'}, ...Object.fromEntries(manifests), ...files})
      const app = await createApp({dir, logger: memoryLogger()})
      onTestFinished(() => app.close())
      const declares = Object.keys(files).some(name => /^(?:controllers|route)\//.test(name))
      if (declares) expect(app.routes().length).toBeGreaterThan(0)
    },
  )

  it('links to pages that are there', () => {
    const broken = pages.flatMap(page =>
      [...text(page).matchAll(/\]\(([\w./-]+\.(?:md|png))(?:#[\w-]+)?\)/g)]
        .map(match => match[1]!)
        .filter(target => !existsSync(join(folder, target)))
        .map(target => `${page} -> ${target}`),
    )
    expect(broken.filter(link => !link.endsWith('-> attaching.md'))).toEqual([])
  })
})
