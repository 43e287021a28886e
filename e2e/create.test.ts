import {execFile} from 'node:child_process'
import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {connect} from 'candy-ws/testing'
import {beforeAll, describe, expect, it, onTestFinished, vi} from 'vitest'
import {writeFiles} from '../test/support/app-folder.js'
import {Program} from '../test/support/cli.js'
import {launch, useBrowser} from './support/browser.js'
import {Person} from './support/person.js'
import {expectSound} from './support/sound.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

/** Which script serves while one works on the app. */
const serving = 'dev'

// What is run here are other people's programs, and a browser.
vi.setConfig({testTimeout: 120_000})

/** What a newcomer's shell knows: nothing of this run. */
const env = {...process.env}
for (const name of Object.keys(env))
  if (/^(NODE_ENV|NODE_OPTIONS|CANDY_.*|VITEST.*|npm_config_(local_)?prefix)$/.test(name)) delete env[name]

const run = promisify(execFile)
const npm = (cwd: string, ...args: string[]) => run('npm', args, {cwd, env: {...env, NO_COLOR: '1'}})

let app: string

/** What a newcomer does, with tarballs of what is here instead of the registry's. */
beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'candy-create-'))
  const pack = async (dir: string) => {
    // The build is there already, and other tests run against it: packing must not make it anew.
    const {stdout} = await npm(dir, 'pack', '--ignore-scripts', '--pack-destination', home)
    return join(home, stdout.trim())
  }
  const library = await pack(repository)
  const creator = await pack(join(repository, 'create-candy-ws'))
  // `npm exec` keeps what it ran in npm's cache, where it would stay.
  const cache = join(home, 'cache')
  await npm(home, 'exec', '--yes', '--cache', cache, '--package', creator, '--', 'create-candy-ws', 'my-app')
  app = join(home, 'my-app')
  await npm(app, 'install', library, '--prefer-offline', '--no-audit', '--no-fund')
  return () => rmSync(home, {recursive: true, force: true})
}, 240_000)

/** The same app again, to change. */
function copy(): string {
  const dir = mkdtempSync(join(app, '..', 'copy-'))
  cpSync(app, dir, {recursive: true, filter: path => path !== join(app, 'node_modules')})
  symlinkSync(join(app, 'node_modules'), join(dir, 'node_modules'), 'dir')
  return dir
}

/** Serves it as `npm run` does, in a process group of its own, which a terminal ends as a whole. */
async function serve(...args: string[]) {
  const program = new Program('npm', ['run', ...args], {cwd: app, env, detached: true})
  const signal = (name: NodeJS.Signals) => process.kill(-program.pid, name)
  onTestFinished(() => {
    try {
      signal('SIGKILL')
    } catch {
      // All of it has ended, as it should.
    }
  })
  return {program, url: await program.url(), signal}
}

describe('the app that `npm create candy-ws` makes', () => {
  it.each(['test', 'types', 'lint', 'check'])('passes: npm run %s', async script => {
    const {stdout} = await npm(app, 'run', script)
    if (script === 'test') expect(stdout).toMatch(/Tests +2 passed/)
    if (script === 'check') expect(stdout).toContain('\n1 route, no faults\n')
  })

  it('serves its page and its room, and all of it ends with SIGTERM', async () => {
    const {program, url, signal} = await serve(serving, '--', '--port', '0')
    const page = await fetch(url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('controllers/chat.ts')])

    const client = await connect(url, '/chat/lobby')
    client.send({type: 'say', name: 'Ada', text: 'Hello'})
    expect(await client.next()).toMatchObject({type: 'said', name: 'Ada', text: 'Hello'})

    signal('SIGTERM')
    expect((await client.closed).code).toBe(1012)
    // Only once nobody holds its pipes any longer, and so nobody is left.
    await program.exited
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('serves in production as its README says, once it has a secret', async () => {
    const [, command] = /NODE_ENV=production CANDY_SECRET=\.\.\. (node [^`]+)`/.exec(
      readFileSync(join(app, 'README.md'), 'utf8'),
    )!
    const [, ...args] = [...command!.replace('0.0.0.0', '127.0.0.1').split(' '), '--port', '0']

    const production = {...env, NODE_ENV: 'production'} as const
    const refused = await new Program(process.execPath, args, {cwd: app, env: production}).exited
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('MISSING_SECRET')])

    const secret = {CANDY_SECRET: 'a secret for this test, of more than 32 characters'}
    const program = new Program(process.execPath, args, {cwd: app, env: {...production, ...secret}})
    expect((await fetch(await program.url())).status).toBe(200)
    expect((await program.terminate()).code).toBe(0)
  })
})

/** What a linter would like to erase: injected classes, and a type that a default seems to make needless. */
const injected = {
  'services/count.ts': `import {singleton} from 'candy-ws'

@singleton()
export class Count {
  value = 0
}
`,
  'controllers/counted.ts': `import {Candy, OnOpen, Query, WsRoute} from 'candy-ws'
import {Count} from '../services/count.js'

@WsRoute('/counted')
export class CountedController {
  constructor(private readonly count: Count) {}

  @OnOpen()
  opened(candy: Candy, @Query('by') by: number = 1) {
    this.count.value += by
    candy.ws.send({count: this.count.value})
  }
}
`,
  'test/counted.test.ts': `import {createApp} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {expect, it} from 'vitest'
import {CountedController} from '../controllers/counted.js'

it('counts', async () => {
  const app = await createApp({controllers: [CountedController]})
  expect(await (await connect(app, '/counted?by=2')).next()).toEqual({count: 2})
  await app.close()
})
`,
}

const fixes = ['--fix', '--fix-suggestions', '--fix-dangerously']

/** Lints with every rule there is, and mends all that it can. What is left over does not matter. */
async function mendAll(dir: string): Promise<void> {
  const every = ['-D', 'all', '-D', 'nursery', '--import-plugin', ...fixes]
  await npm(dir, 'exec', '--', 'oxlint', '--type-aware', ...every).catch(() => undefined)
}

describe('its lint rules', () => {
  it('erase no type that is injected, even with all others on', async () => {
    const dir = copy()
    writeFiles(dir, injected)
    await mendAll(dir)
    const mended = readFileSync(join(dir, 'controllers/counted.ts'), 'utf8')
    // It did mend something, and what it left is right.
    expect(mended).toContain('public constructor(')
    const {stdout} = await npm(dir, 'test')
    expect(stdout).toMatch(/Tests +3 passed/)
    await npm(dir, 'run', 'types')
    await npm(dir, 'run', 'check')
  })

  it.each([
    ['consistent-type-imports', 'TYPE_ONLY_IMPORT'],
    ['no-inferrable-types', '"count": "02"'],
  ])('would without that: %s', async (rule, fault) => {
    const dir = copy()
    writeFiles(dir, injected)
    const config = join(dir, '.oxlintrc.json')
    const all = readFileSync(config, 'utf8')
    const without = all.replace(`"typescript/${rule}": "off"`, `"typescript/${rule}": "error"`)
    expect(without).not.toBe(all)
    writeFileSync(config, without)
    await mendAll(dir)
    await expect(npm(dir, 'test')).rejects.toMatchObject({stderr: expect.stringContaining(fault) as unknown})
  })
})

describe('its page', () => {
  const browser = useBrowser(launch)

  it.each([
    ['light', 1280],
    ['dark', 320],
  ] as const)('two people talk, and read what is wrong: %s, %d px', async (colorScheme, width) => {
    const {url} = await serve(serving, '--', '--port', '0')
    const options = {colorScheme, viewport: {width, height: 640}}
    const [ada, grace] = [
      await Person.open(browser(), url, options),
      await Person.open(browser(), url, options),
    ]
    for (const {page} of [ada, grace]) await page.getByText('connected').waitFor()
    await expectSound(ada.page, 'empty')

    await ada.page.getByLabel('Your name').fill('Ada')
    await ada.say('Hello from Ada')
    for (const person of [ada, grace]) await person.reads('Hello from Ada')

    await ada.say('   ')
    await ada.page.getByRole('alert').getByText('There is nothing in it to say').waitFor()
    expect(await ada.message.getAttribute('aria-invalid')).toBe('true')
    await expectSound(ada.page, 'a fault')

    await ada.say('Hello again')
    await grace.reads('Hello again')
    await expect.poll(() => ada.message.inputValue()).toBe('')
    expect(await ada.page.getByRole('alert').textContent()).toBe('')
    expect([...ada.problems, ...grace.problems]).toEqual([])
    for (const {context} of [ada, grace]) await context.close()
  })

  it('comes back by itself when the server does', async () => {
    const first = await serve(serving, '--', '--port', '0')
    const {port} = new URL(first.url)
    const {page, context} = await Person.open(browser(), first.url)
    const state = page.getByRole('status')
    await state.getByText('connected').waitFor()
    first.signal('SIGTERM')
    await state.getByText(/^reconnecting: 10(12|06)/).waitFor()
    await first.program.exited
    await serve(serving, '--', '--port', port)
    await state.getByText('connected').waitFor()
    await context.close()
  })
})
