import {describe, expect, it, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {hasDebianChromium, hasFirefox, launchDebianChromium, launchFirefox} from './support/installed.js'
import {SharedApp} from './support/shared-app.js'
import {Profile, tiers, ways, workersOf, type Tab} from './support/tabs.js'

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

/** Speaks until a tab hears it: what is said while another takes over is missed, and `gap` tells. */
async function hearAgain(app: SharedApp, tab: Tab): Promise<void> {
  const heard = async () => {
    app.broadcast('still there?')
    return tab.heard()
  }
  await expect.poll(heard).toContain('still there?')
}

describe.for(tiers)('with $name', ({without}) => {
  const isShared = without.length < 2

  it('five tabs have one connection, and each hears every message once', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 5)
    expect(app.connections).toBe(isShared ? 1 : 5)
    expect(await workersOf(browser(), app.url)).toHaveLength(without.includes('SharedWorker') ? 0 : 1)
    for (const n of [1, 2, 3]) app.broadcast({n})
    for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual([{n: 1}, {n: 2}, {n: 3}])
  })

  it('an answer comes to the tab that asked, and to no other', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 3)
    expect(await tabs[2]!.request('say', {text: 'hi'})).toEqual({said: 'hi'})
    app.broadcast('after')
    for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual(['after'])
  })

  it('the first tab crashes: the rest hear the next message within two seconds of it', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const [first, ...rest] = await profile.tabs(app.url, 5)
    await first!.crash()
    const crashed = Date.now()
    for (const tab of rest) {
      await hearAgain(app, tab)
      const told = await tab.told('message')
      expect(told.find(({at}) => at >= crashed)!.at - crashed).toBeLessThan(2_000)
    }
  })

  it('the last tab is closed: so is the connection', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 2)
    for (const tab of tabs) await tab.close()
    await expect.poll(() => app.connections).toBe(0)
  })

  it('the last tab crashes: so is the connection', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const [first, last] = await profile.tabs(app.url, 2)
    await first!.close()
    await last!.crash()
    await expect.poll(() => app.connections).toBe(0)
  })

  it('a logout in one tab closes all of them', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 3)
    expect(await tabs[1]!.post('/logout')).toBe(204)
    for (const tab of tabs) {
      await expect.poll(() => tab.state()).toBe('closed')
      expect((await tab.told('close')).at(-1)!.args).toEqual([4001, 'Unauthorized'])
    }
  })
})

describe.skipIf(!hasFirefox())('in Firefox', () => {
  const firefox = useBrowser(launchFirefox)

  it.for(tiers)('three tabs share $name', async ({without}) => {
    const app = await SharedApp.serve()
    const profile = await Profile.inFirefox(firefox(), without)
    const tabs = await profile.tabs(app.url, 3)
    expect(app.connections).toBe(without.length < 2 ? 1 : 3)
    expect(await tabs[1]!.request('say', {text: 'hi'})).toEqual({said: 'hi'})
    app.broadcast('for all')
    for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual(['for all'])
    await tabs[0]!.close()
    for (const tab of tabs.slice(1)) await hearAgain(app, tab)
    for (const tab of tabs.slice(1)) await tab.close()
    await expect.poll(() => app.connections).toBe(0)
  })
})

describe.skipIf(!hasDebianChromium())('in the back-forward cache', () => {
  const debian = useBrowser(launchDebianChromium)

  it.for(ways)('a tab with $name is kept, and connects again when it is come back to', async way => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(debian(), way.without)
    const tab = await profile.tab(app.url, '/shared', {shared: way.shared})
    await tab.visit(`${app.url}/elsewhere`)
    await expect.poll(() => app.closed).toEqual(['1000'])
    for (const n of [1, 2, 3, 4, 5]) app.broadcast({n})
    await tab.comeBack()
    await expect.poll(() => tab.wasKept()).toBe(true)
    await expect.poll(() => app.connections).toBe(1)
    await expect.poll(() => tab.state()).toBe('open')
    expect((await tab.told()).map(({event}) => event).at(-1)).toBe('gap')
    expect(await tab.heard()).toEqual([])
  })
})
