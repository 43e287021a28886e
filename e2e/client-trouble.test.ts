/// <reference lib="dom" />
import type {CandyClient, Socket, SocketOptions} from 'candy-ws/client'
import type {Page as PlaywrightPage} from 'playwright-core'
import {describe, expect, it, vi} from 'vitest'
import {launch, useBrowser} from './support/browser.js'
import {SharedApp} from './support/shared-app.js'
import {Profile, tiers, type Tab} from './support/tabs.js'

// Every wait below ends with an event; browsers on a busy machine are slow to bring it.
vi.setConfig({testTimeout: 60_000})

const browser = useBrowser(launch)

interface Page {
  readonly Candy: CandyClient
  socket: Socket
}

async function becomes(tabs: readonly Tab[], state: string): Promise<void> {
  for (const tab of tabs) await expect.poll(() => tab.state(), {timeout: 20_000}).toBe(state)
}

describe.for(tiers)('with $name', ({without}) => {
  it('a tab that has no token to give holds nobody up', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const tabs = await profile.tabs(app.url, 2)
    const tokenless = await profile.tab(app.url)
    await tokenless.run(async () => {
      const page = globalThis as unknown as Page
      page.socket.close()
      const token = () => Promise.reject(new Error('None'))
      page.socket = page.Candy.ws('/shared', {shared: true, token})
      page.socket.on('error', () => undefined)
    }, undefined)
    if (without.length < 2) await becomes([tokenless], 'open')
    const before = app.closed.length
    app.restart()
    await expect.poll(() => app.closed.length).toBeGreaterThan(before)
    await becomes(tabs, 'open')
    app.broadcast('back')
    for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual(['back'])
  })

  it('a tab that closes as it is told that there is no token stays closed', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const closes = await profile.tab(app.url)
    await closes.leave()
    const page = closes.page as PlaywrightPage
    await page.route('**/_candy/token', route => route.fulfill({status: 404}))
    await closes.run(async () => {
      const page = globalThis as unknown as Page
      page.socket = page.Candy.ws('/shared', {shared: true, reconnectDelay: 0})
      await new Promise<void>(resolve =>
        page.socket.on('error', () => {
          page.socket.close()
          resolve()
        }),
      )
    }, undefined)
    await page.unroute('**/_candy/token')
    const other = await profile.tab(app.url)
    await other.leave()
    await expect.poll(() => app.connections).toBe(0)
    expect(await closes.state()).toBe('closed')
  })

  it('row 66: a tab that is about to be frozen lets go, be it the first, and is back when it goes on', async () => {
    const app = await SharedApp.serve()
    const profile = await Profile.inChromium(browser(), without)
    const [first, second] = await profile.tabs(app.url, 2)
    await first!.isTold('freeze')
    const heard = async () => {
      app.broadcast('meanwhile')
      return second!.heard()
    }
    await expect.poll(heard).toContain('meanwhile')
    await expect.poll(() => app.connections).toBe(1)
    await first!.isTold('resume')
    await becomes([first!], 'open')
    expect(app.connections).toBe(without.length < 2 ? 1 : 2)
    expect(await first!.heard()).not.toContain('meanwhile')
    app.broadcast('for both')
    for (const tab of [first!, second!]) await expect.poll(() => tab.heard()).toContain('for both')
    expect((await first!.told()).map(({event}) => event)).toContain('gap')
  })

  it.for([
    ['token: false', false],
    ['a token of its own', true],
  ] as const)('whoever is somebody else by now is not let in again, with %s', async ([, hasToken]) => {
    const app = await SharedApp.serve()
    app.app.Route.ws('/open', () => undefined, {token: false})
    const profile = await Profile.inChromium(browser(), without)
    const old = await profile.tab(app.url, '/open', {shared: true, token: false})
    if (hasToken)
      await old.run(() => {
        const page = globalThis as unknown as Page
        page.socket.close()
        page.socket = page.Candy.ws('/open', {shared: true, token: () => 'mine'})
      }, undefined)
    await becomes([old], 'open')
    // The line is away while the cookie becomes another's: nobody can tell this tab.
    await profile.forgetCookies()
    app.restart()
    await becomes([old], 'reconnecting')
    await becomes([old], 'open')
    const other = await profile.tab(app.url, '/open', {shared: true, token: false})
    expect(app.connections).toBe(without.length < 2 ? 1 : 2)
    app.broadcast('for who is here')
    await expect.poll(() => other.heard()).toEqual(['for who is here'])
  })
})

describe('a page that may not use what there is', () => {
  it.for<[string, SocketOptions]>([
    ['shared', {shared: true, token: false, identity: 'somebody'}],
    ['not shared', {token: false}],
  ])('as a sandboxed one is open by itself: %s', async ([, options]) => {
    const app = await SharedApp.serve({origins: '*'})
    app.app.Route.ws('/open', () => undefined, {token: false, public: true})
    app.app.Route.page('/around', () => '<!doctype html><iframe sandbox="allow-scripts" src="/"></iframe>')
    const page = await browser().newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(`${app.url}/around`)
    const [, frame] = page.frames()
    await frame!.waitForFunction(() => 'Candy' in globalThis)
    await frame!.evaluate(options => {
      const inside = globalThis as unknown as Page
      inside.socket = inside.Candy.ws('/open', options)
    }, options)
    await frame!.waitForFunction(() => (globalThis as unknown as Page).socket.connected)
    expect(problems).toEqual([])
    await page.close()
  })

  it('shares in the second way where its policy allows no worker', async () => {
    const app = await SharedApp.serve()
    const policy = "default-src 'self'; worker-src 'none'"
    app.app.Route.page('/strict', () => {
      const text = '<!doctype html><script src="/_candy/client.js"></script>'
      return new Response(text, {headers: {'Content-Type': 'text/html', 'Content-Security-Policy': policy}})
    })
    const profile = await Profile.inChromium(browser())
    const tabs = [await profile.tab(`${app.url}/strict`), await profile.tab(`${app.url}/strict`)]
    expect(app.connections).toBe(1)
    app.broadcast('hi')
    for (const tab of tabs) await expect.poll(() => tab.heard()).toEqual(['hi'])
  })

  it('shares in the second way where its worker is long on its way, and stays when that comes', async () => {
    const app = await SharedApp.serve()
    let come!: () => void
    const late = new Promise<void>(resolve => (come = resolve))
    app.app.Route.page('/late.js', async () => {
      await late
      return new Response("import '/_candy/worker.js'", {headers: {'Content-Type': 'text/javascript'}})
    })
    app.app.Route.page(
      '/far',
      () => `<!doctype html><script>
const Worker = SharedWorker
SharedWorker = class extends Worker { constructor(_, options) { super('/late.js', options) } }
</script><script src="/_candy/client.js"></script>`,
    )
    const profile = await Profile.inChromium(browser())
    const first = await profile.tab(`${app.url}/far`)
    come()
    // What the worker says to the second, it says after what the first had said to it: that it came, and that it left.
    const second = await profile.tab(`${app.url}/far`)
    expect(app.connections).toBe(2)
    await second.leave()
    await expect.poll(() => app.connections).toBe(1)
    app.broadcast('once')
    await expect.poll(() => first.heard()).toEqual(['once'])
    expect((await first.told('state')).map(({args: [state]}) => state)).toEqual(['open'])
  })
})
