import {readFileSync} from 'node:fs'
import {describe, expect, it, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {SharedApp} from './support/shared-app.js'
import {Profile, tiers, type Tab} from './support/tabs.js'

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

async function expectHeard(tabs: readonly Tab[], messages: readonly unknown[]): Promise<void> {
  for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual(messages)
}

describe.for(tiers)('with $name', ({without}) => {
  const isShared = without.length < 2

  it('two people have two connections, and nothing crosses', async () => {
    const app = await SharedApp.serve()
    const [ada, grace] = [
      await Profile.inChromium(browser(), without),
      await Profile.inChromium(browser(), without),
    ]
    const [adas, graces] = [await ada.tabs(app.url, 2), await grace.tabs(app.url, 2)]
    expect(app.connections).toBe(isShared ? 2 : 4)
    expect(await adas[0]!.request('say', {text: 'mine'})).toEqual({said: 'mine'})
    app.broadcast('for all')
    await expectHeard([...adas, ...graces], ['for all'])
  })

  it('somebody else in the same browser has a connection of their own, and the one before hears nothing more', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const before = await profile.tabs(app.url, 2)
    expect(await before[0]!.post('/login', {name: 'ada'})).toBeLessThan(300)
    for (const tab of before) await expect.poll(() => tab.state()).toBe('closed')
    const adas = await profile.tabs(app.url, 2)
    expect(app.connections).toBe(isShared ? 1 : 2)
    app.broadcast('for Ada')
    await expectHeard(adas, ['for Ada'])
    await expectHeard(before, [])
  })

  it('`identity` says who shares', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const identities = ['ada', 'ada', 'grace']
    for (const identity of identities) await profile.tab(app.url, '/shared', {shared: true, identity})
    expect(app.connections).toBe(isShared ? 2 : 3)
  })

  it('addresses that differ in their query share nothing', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    for (const path of ['/shared?a=1', '/shared?a=2', '/shared?a=2']) await profile.tab(app.url, path)
    expect(app.connections).toBe(isShared ? 2 : 3)
  })

  it('a tab that closes its socket leaves alone, be it the first', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const [first, ...rest] = await profile.tabs(app.url, 3)
    await first!.leave()
    expect((await first!.told('close')).map(({args}) => args)).toEqual([[1000, '']])
    await expect.poll(() => app.connections).toBe(isShared ? 1 : 2)
    app.broadcast('for the rest')
    await expectHeard(rest, ['for the rest'])
    expect(await first!.heard()).toEqual([])
    for (const tab of rest) expect(await tab.told('gap')).toEqual([])
    for (const tab of rest) await tab.leave()
    await expect.poll(() => app.connections).toBe(0)
  })

  it('tabs that open in one moment share one connection', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    // A session there is: without Web Locks, tabs of a new browser could each be given their own.
    if (without.includes('locks')) await (await profile.tab(app.url)).leave()
    const tabs = await Promise.all(Array.from({length: 5}, () => profile.tab(app.url)))
    expect(app.connections).toBe(isShared ? 1 : 5)
    app.broadcast('once')
    await expectHeard(tabs, ['once'])
  })

  it('a page says nothing of tokens, cookies or messages in the console', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 2)
    await tabs[0]!.request('say', {text: 'a secret'})
    await tabs[1]!.post('/logout')
    for (const tab of tabs) await expect.poll(() => tab.state()).toBe('closed')
    expect(profile.console).toEqual([])
  })
})

describe('the block for clients of the seed', () => {
  it('runs unchanged on a page that loads /_candy/client.js', async () => {
    const seed = readFileSync(new URL('../test/seed/fixtures/websocket-routes.md', import.meta.url), 'utf8')
    const [, block] = /## Client-Side Usage[\s\S]*?```javascript\n([\s\S]*?)```/.exec(seed)!
    expect(block).toContain("Candy.ws('/notifications', {shared: true})")

    const app = await SharedApp.serve()
    app.app.Route.ws('/notifications', () => undefined)
    app.app.Route.page(
      '/seed',
      () => `<!doctype html><title>The seed</title>
<script src="/_candy/client.js"></script>
<script>${block}</script>`,
    )
    const context = await browser().newContext()
    const pages = [await context.newPage(), await context.newPage()]
    const consoles = pages.map(page => {
      const texts: string[] = []
      page.on('console', message => texts.push(message.text()))
      return texts
    })
    for (const page of pages) await page.goto(`${app.url}/seed`)
    const heard = () => {
      app.broadcast({type: 'notification', message: 'hi'})
      return consoles
    }
    for (const n of [0, 1])
      await expect.poll(() => heard()[n]!.at(-1)).toBe('Notification: {type: notification, message: hi}')
    expect(app.connections).toBe(1)
    await context.close()
  })
})
