import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {App} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {describe, expect, it} from 'vitest'
import type {Description} from '#candy/describe/description.js'
import {typesOf} from '#candy/describe/typescript.js'
import {appFolder, loadApp, type Files} from './support/app-folder.js'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs/guide')
const pages = readdirSync(folder).filter(name => name.endsWith('.md'))
const text = (page: string) => readFileSync(join(folder, page), 'utf8')

/** Code blocks that begin with the name of their file. */
function filesOf(page: string): Files {
  const blocks = [...text(page).matchAll(/```[jt]s\n\/\/ ([\w./-]+\.[jt]s)\n([\s\S]*?)```/g)]
  return Object.fromEntries(blocks.map(([, name, code]) => [name!, code!]))
}

const isCommonJs = (code: unknown) => typeof code === 'string' && !/^(?:import|export)\b/m.test(code)

/** The headings of a page, as GitHub and npm name them in a link. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The app that a page shows. */
function appOf(page: string): Promise<App> {
  const files = filesOf(page)
  const common = new Set(
    Object.entries(files).flatMap(([name, code]) =>
      name.endsWith('.js') && isCommonJs(code) ? dirname(name) : [],
    ),
  )
  const manifests = [...common].map(at => [join(at, 'package.json'), {type: 'commonjs'}] as const)
  const dir = appFolder({'package.json': {type: 'module'}, ...Object.fromEntries(manifests), ...files})
  return loadApp(dir)
}

interface Conversation {
  readonly page: string
  readonly path: string
  /** What is sent begins with `> `, what is heard with `< `. */
  readonly frames: readonly string[]
}

const conversations = pages.flatMap(page =>
  [...text(page).matchAll(/```text\nconnect (\S+)\n([\s\S]*?)```/g)].map(
    ([, path, frames]): Conversation => ({page, path: path!, frames: frames!.split(/^(?=[<>] )/m)}),
  ),
)

describe('the guide', () => {
  it.each(pages.filter(page => Object.keys(filesOf(page)).length > 0))(
    'shows files that load: %s',
    async page => {
      const app = await appOf(page)
      const declares = Object.keys(filesOf(page)).some(name => /^(?:controllers|route)\//.test(name))
      if (declares) expect(app.routes().length).toBeGreaterThan(0)
    },
  )

  it.each(conversations)('shows what is said: $page, $path', async ({page, path, frames}) => {
    const client = await connect(await appOf(page), path)
    for (const frame of frames) {
      const data: unknown = JSON.parse(frame.slice(2))
      if (frame.startsWith('>')) client.send(data)
      else expect(await client.next()).toEqual(data)
    }
  })

  it('shows the contract that `candy types` writes of its routes', async () => {
    const app = (await appOf('typed-clients.md')) as unknown as {description(): Promise<Description>}
    const written = typesOf(await app.description())
    const [, shown] = /```ts\n(export interface Contract [\s\S]*?)```/.exec(text('typed-clients.md'))!
    // The page has one more route, further down.
    const [contract, ...classes] = shown!.trim().split('\n\n')
    const route = contract!.split('\n').slice(1, -1).join('\n')
    for (const part of [route, ...classes]) expect(written).toContain(part)
  })

  const documents = [
    ...pages.map(page => `docs/guide/${page}`),
    'docs/errors.md',
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
  ]

  it.each(documents)('links to files and headings that are there: %s', name => {
    const file = join(root, name)
    const prose = readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
    const links = [...prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)|(?:src|href)="([^"]+)"/g)]
    const broken = links.filter(([, path = '', heading, source]) => {
      const target = path === '' && !source ? file : join(dirname(file), source ?? path)
      return !existsSync(target) || (heading !== undefined && !anchorsOf(target).includes(heading))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})
