import type {App, AppOptions} from 'candy-ws'
import {readFileSync} from 'node:fs'
import {vi} from 'vitest'
import {appOf, type Files} from '../support/app-folder.js'

const text = readFileSync(new URL('fixtures/websocket-routes.md', import.meta.url), 'utf8')

export interface Block {
  readonly heading: string
  readonly code: string
}

/** Every JavaScript block of the seed, with the heading it stands under. */
export const blocks: readonly Block[] = readBlocks(text)

function readBlocks(markdown: string): Block[] {
  const found: Block[] = []
  let heading = ''
  let code: string[] | undefined
  for (const line of markdown.split('\n')) {
    if (code && line === '```') {
      found.push({heading, code: code.join('\n')})
      code = undefined
    } else if (code) code.push(line)
    else if (line === '```javascript') code = []
    else if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '')
  }
  return found
}

/** One block, by its heading and its place under it. */
export function block(heading: string, index = 0): string {
  const found = blocks.filter(one => one.heading === heading)[index]
  if (!found) throw new Error(`the seed has no block ${index} under '${heading}'`)
  return found.code
}

/** A block as the files its `// folder/name.js` comments say; `route/websocket.js` without one. */
export function filesOf(code: string): Record<string, string> {
  const files: Record<string, string> = {}
  let name = 'web/route/websocket.js'
  for (const line of code.split('\n')) {
    const comment = /^\/\/ (\S+\/\S+\.js)$/.exec(line)
    if (comment) name = `web/${comment[1]}`
    files[name] = `${files[name] ?? ''}${line}\n`
  }
  return files
}

type Options = Omit<AppOptions, 'dir'>

/** An app folder as the seed lays it out: CommonJS under `web/`. */
export function seedApp(code: string, fixtures: Files = {}, options: Options = {}): Promise<App> {
  return appOf({...filesOf(code), ...fixtures, 'web/package.json': {type: 'commonjs'}}, options)
}

/** A fragment of the seed in the body of a handler at `/fragment`, and what the test wants around it. */
export function fragmentApp(fragment: string, {before = '', after = ''} = {}): Promise<App> {
  const body = [before, fragment, after].join('\n')
  return seedApp(`Candy.Route.ws('/fragment', async Candy => {\n${body}\n}, {token: false})\n`)
}

/** A user for whoever says its name in the header `x-user`. */
export const auth: NonNullable<AppOptions['auth']> = request => {
  const name = request.header('x-user')
  return name === undefined ? null : {id: `${name}-id`, name}
}

/** Keeps `console.log` of the seed's files out of the report. */
export function muteLog(): void {
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
}

/** The next line that the seed's files log and that begins so. */
export function nextLog(start: string): Promise<unknown[]> {
  return new Promise(resolve => {
    vi.spyOn(console, 'log').mockImplementation((...line: unknown[]) => {
      if (String(line[0]).startsWith(start)) resolve(line)
    })
  })
}
