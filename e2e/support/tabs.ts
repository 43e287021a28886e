/// <reference lib="dom" />
import type {CandyClient, Socket, SocketEvents, SocketOptions} from 'candy-ws/client'
import type {Browser, BrowserContext, Page} from 'playwright-core'
import type {Browser as Firefox, Page as FirefoxPage} from 'puppeteer-core'
import {expect, onTestFinished} from 'vitest'

/** What a browser can be without: then tabs share in another way, or not at all. */
export type Missing = 'SharedWorker' | 'locks'

export interface Tier {
  readonly name: string
  readonly without: readonly Missing[]
}

/** The ways to share a connection, best first; the last has a connection per tab. */
export const tiers: readonly Tier[] = [
  {name: 'a SharedWorker', without: []},
  {name: 'Web Locks and a BroadcastChannel', without: ['SharedWorker']},
  {name: 'a SharedWorker without Web Locks', without: ['locks']},
  {name: 'a socket per tab', without: ['SharedWorker', 'locks']},
]

/** Every way to have a connection, the first without sharing. */
export const ways: readonly (Tier & {readonly shared: boolean})[] = [
  {name: 'a socket of its own', without: [], shared: false},
  ...tiers.map(({name, without}) => ({name, without, shared: true})),
]

/** What a tab was told: an event of its socket, and when, in milliseconds since 1970. */
export interface Told {
  readonly event: keyof SocketEvents
  readonly args: readonly unknown[]
  readonly at: number
}

interface TabWindow {
  Candy: CandyClient
  socket: Socket
  told: Told[]
  /** Whether it was shown last as it had been kept. */
  persisted: boolean
}

const window = globalThis as unknown as TabWindow

/** Runs in a page before any script of its own. */
function takeAway(without: readonly Missing[]): void {
  if (without.includes('SharedWorker')) Reflect.deleteProperty(globalThis, 'SharedWorker')
  if (!without.includes('locks')) return
  Reflect.deleteProperty(Navigator.prototype, 'locks')
  if (!('SharedWorker' in globalThis)) return
  // Nothing runs before a worker's own script: the app has one that takes its locks away, and then is the worker.
  globalThis.SharedWorker = class extends SharedWorker {
    constructor(url: string | URL, options?: string | WorkerOptions) {
      super(`/without-locks.js?worker=${encodeURIComponent(String(url))}`, options)
    }
  }
}

/** Runs a function in a page. */
type Run = <A, R>(fn: (arg: A) => R | Promise<R>, arg: A) => Promise<R>

/** One person's browser: its tabs have their cookies, locks and workers in common, and nothing with another's. */
export class Profile {
  /** All that its pages wrote to their consoles, errors too. */
  readonly console: string[] = []
  readonly #openPage: (url: string) => Promise<Tab>
  readonly #context: BrowserContext | undefined

  private constructor(openPage: (url: string, profile: Profile) => Promise<Tab>, context?: BrowserContext) {
    this.#openPage = url => openPage(url, this)
    this.#context = context
  }

  static async inChromium(browser: Browser, without: readonly Missing[] = []): Promise<Profile> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    await context.addInitScript(takeAway, without)
    return new Profile(async (url, profile) => {
      const page = await context.newPage()
      page.on('console', message => profile.console.push(message.text()))
      page.on('pageerror', error => profile.console.push(String(error)))
      await page.goto(url)
      return new Tab(page, (fn, arg) => page.evaluate(fn as never, arg))
    }, context)
  }

  static async inFirefox(browser: Firefox, without: readonly Missing[] = []): Promise<Profile> {
    const context = await browser.createBrowserContext()
    onTestFinished(() => context.close())
    return new Profile(async (url, profile) => {
      const page = await context.newPage()
      page.on('console', message => profile.console.push(message.text()))
      page.on('pageerror', error => profile.console.push(String(error)))
      await page.evaluateOnNewDocument(takeAway, without)
      await page.goto(url)
      return new Tab(page, (fn, arg) => page.evaluate(fn as never, arg))
    })
  }

  /** From then on it is nobody that the server knows. In Chromium alone. */
  async forgetCookies(): Promise<void> {
    await this.#context!.clearCookies()
  }

  /** A tab that has connected, and hears. */
  async tab(url: string, path = '/shared', options: SocketOptions = {shared: true}): Promise<Tab> {
    const tab = await this.#openPage(url)
    await tab.connect(path, options)
    return tab
  }

  /** Tabs that have connected, one after the other. */
  async tabs(url: string, count: number): Promise<Tab[]> {
    const tabs: Tab[] = []
    while (tabs.length < count) tabs.push(await this.tab(url))
    return tabs
  }
}

/** Where the shared workers of an origin are from, in a Chromium. */
export async function workersOf(browser: Browser, origin: string): Promise<string[]> {
  const session = await browser.newBrowserCDPSession()
  const {targetInfos} = await session.send('Target.getTargets')
  await session.detach()
  return targetInfos.flatMap(({type, url}) => (type === 'shared_worker' && url.startsWith(origin) ? url : []))
}

/** A tab with one socket, all of whose events it keeps. */
export class Tab {
  readonly run: Run

  constructor(
    readonly page: Page | FirefoxPage,
    run: Run,
  ) {
    this.run = run
  }

  /** Connects, and waits until it is open. */
  async connect(path: string, options: SocketOptions): Promise<void> {
    await this.run(
      ({path, options}) => {
        const told: Told[] = (window.told = [])
        window.persisted = false
        addEventListener('pageshow', ({persisted}) => (window.persisted = persisted))
        const socket = (window.socket = window.Candy.ws(path, options))
        const keep =
          (event: keyof SocketEvents) =>
          (...args: unknown[]) =>
            told.push({
              event,
              args: args.map(arg => (arg instanceof Error ? String(arg) : arg)),
              at: Date.now(),
            })
        const events = ['open', 'message', 'close', 'error', 'state', 'dropped', 'gap', 'presence'] as const
        for (const event of events) socket.on(event, keep(event))
      },
      {path, options},
    )
    await expect.poll(() => this.state(), {timeout: 20_000}).toBe('open')
  }

  /** What it was told, first to last; of one event, or of all. */
  async told(event?: keyof SocketEvents): Promise<Told[]> {
    const told = await this.run(() => window.told, undefined)
    return told.filter(one => event === undefined || one.event === event)
  }

  /** The messages it heard. */
  async heard(): Promise<unknown[]> {
    return (await this.told('message')).map(({args: [message]}) => message)
  }

  async state(): Promise<string> {
    return this.run(() => window.socket.state, undefined)
  }

  async send(message: unknown): Promise<boolean> {
    return this.run(sent => window.socket.send(sent), message)
  }

  async request(type: string, body: object): Promise<unknown> {
    return this.run(({type, body}) => window.socket.request(type, body), {type, body})
  }

  /** Closes its socket, and stays. */
  async leave(): Promise<void> {
    await this.run(() => window.socket.close(), undefined)
  }

  /** Posts to a page of the app, with a token, as its script would. */
  async post(path: string, fields: Record<string, string> = {}): Promise<number> {
    return this.run(
      async ({path, fields}) => {
        const {token} = (await (await fetch('/_candy/token')).json()) as {token: string}
        const body = new URLSearchParams(fields)
        return (await fetch(path, {method: 'POST', headers: {'x-candy-token': token}, body})).status
      },
      {path, fields},
    )
  }

  /** Leaves for another page. */
  async visit(url: string): Promise<void> {
    await this.page.goto(url)
  }

  /** Back to the page that was left. */
  async comeBack(): Promise<void> {
    await (this.page as Page).goBack({waitUntil: 'commit'})
  }

  /** Whether the page that is shown was kept in the back-forward cache, as it says itself. */
  async wasKept(): Promise<boolean> {
    return this.run(() => 'persisted' in window && window.persisted, undefined)
  }

  /** Ends its process, as a fault of the browser would: nothing in the page runs any more. In Chromium alone. */
  async crash(): Promise<void> {
    const page = this.page as Page
    const crashed = page.waitForEvent('crash')
    // It never arrives.
    void page.goto('chrome://crash').catch(() => undefined)
    await crashed
  }

  /** Tells it what a browser tells a hidden tab before it stops it, and when it lets it go on. Headless, none is hidden. */
  async isTold(event: 'freeze' | 'resume'): Promise<void> {
    await this.run(name => void document.dispatchEvent(new Event(name)), event)
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}
