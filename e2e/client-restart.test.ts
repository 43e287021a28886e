import {describe, expect, it, vi} from 'vitest'
import {appFolder} from '../test/support/app-folder.js'
import {candy, type Program} from '../test/support/cli.js'
import {launch, useBrowser} from './support/browser.js'
import {Profile, tiers, type Tab} from './support/tabs.js'

// A retry comes within seconds, and the next one later.
vi.setConfig({testTimeout: 90_000})

const browser = useBrowser(launch)

const files = {
  'package.json': {type: 'commonjs'},
  'route/www.js': `
const page = '<!doctype html><title>A tab</title><script src="/_candy/client.js"></script>'
const script = text => new Response(text, {headers: {'Content-Type': 'text/javascript'}})
Candy.Route.page('/', () => page)
Candy.Route.page('/without-locks.js', ({Request}) =>
  script(\`import '/no-locks.js'\\nimport \${JSON.stringify(Request.data.get.worker)}\`))
Candy.Route.page('/no-locks.js', () => script('delete WorkerNavigator.prototype.locks'))
const said = []
Candy.Route.get('/said', () => said, {token: false})
Candy.Route.ws('/shared', Candy => {
  Candy.ws.on('message', text => said.push(text))
})
`,
}

/** A server of its own process, which is killed, and started again where it was. */
class Killable {
  readonly #dir = appFolder(files)
  #program: Program | undefined
  url = ''

  async start(secret = 'a secret of more than thirty-two characters'): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port
    const env = {...process.env, CANDY_SECRET: secret}
    this.#program = candy(['start', '.', '--port', port], {cwd: this.#dir, env})
    this.url = await this.#program.url()
  }

  async kill(): Promise<void> {
    await this.#program!.signal('SIGKILL')
  }

  async said(): Promise<unknown> {
    return (await fetch(`${this.url}/said`)).json()
  }
}

describe.for(tiers)('a server that is killed and started again, and tabs with $name', ({without}) => {
  it.for([
    ['with its secret', undefined],
    // Nothing of before is worth anything: tokens, and who somebody is.
    ['with another', 'another secret of more than thirty-two characters'],
  ] as const)('%s has all of them back, and hears what they said meanwhile, in order', async ([, secret]) => {
    const server = new Killable()
    await server.start()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(server.url, 3)
    await server.kill()
    for (const tab of tabs) await expect.poll(() => tab.state()).toBe('reconnecting')
    for (const [t, tab] of tabs.entries())
      for (const n of [1, 2, 3]) expect(await tab.send(`${t} ${n}`)).toBe(true)
    await server.start(secret)
    for (const tab of tabs) await expect.poll(() => tab.state(), {timeout: 40_000}).toBe('open')
    const inOrder = (t: number) => [1, 2, 3].map(n => `${t} ${n}`)
    await expect.poll(async () => ((await server.said()) as string[]).toSorted()).toHaveLength(9)
    const said = (await server.said()) as string[]
    for (const t of tabs.keys()) expect(said.filter(text => text.startsWith(`${t} `))).toEqual(inOrder(t))
    for (const tab of tabs) await toldOnce(tab)
  })
})

/** It went, and came back, and says so once. */
async function toldOnce(tab: Tab): Promise<void> {
  const events = (await tab.told()).map(({event}) => event)
  expect(events.filter(event => event === 'gap')).toHaveLength(1)
  expect(events.filter(event => event === 'error' || event === 'dropped')).toEqual([])
}
