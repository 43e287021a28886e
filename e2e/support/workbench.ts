/// <reference lib="dom" />
import {createApp, type App, type AppOptions} from 'candy-ws'
import type {Browser, BrowserContext, BrowserContextOptions, Locator, Page} from 'playwright-core'
import {afterEach, expect, onTestFinished} from 'vitest'
import {launch, useBrowser} from './browser.js'

/** Somebody at an app's own page, `/_candy/`. */
export class Workbench {
  /** What the browser complained about: errors, refused requests, the Content-Security-Policy. */
  readonly problems: string[] = []

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', error => this.problems.push(error.message))
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text())
    })
  }

  /** @param before done before the page is asked for */
  static async open(
    url: string,
    options: BrowserContextOptions = {},
    before: (page: Page) => Promise<void> = async () => {},
  ): Promise<Workbench> {
    const context = await browser().newContext({
      viewport: {width: 1280, height: 800},
      locale: 'en-GB',
      ...options,
    })
    onTestFinished(() => context.close())
    context.setDefaultTimeout(20_000)
    const workbench = new Workbench(context, await context.newPage())
    opened.push(workbench)
    await before(workbench.page)
    await workbench.page.goto(url)
    return workbench
  }

  get routes(): Locator {
    return this.page.getByRole('navigation', {name: 'Routes'}).getByRole('link')
  }

  /** @param name kind and path, as in `ws/room/{id}` */
  async choose(name: string): Promise<void> {
    await this.page.locator(`nav a[href="#${encodeURI(name)}"]`).click()
    const path = name.replace(/^[a-z]+/, '')
    await this.page.getByRole('heading', {level: 1, name: path, exact: true}).waitFor()
  }

  async connect(): Promise<void> {
    await this.page.getByRole('button', {name: 'Connect', exact: true}).click()
    await this.state('Open')
  }

  /** Until the connection says that it is so. */
  async state(words: 'Open' | 'Not connected'): Promise<void> {
    await this.page.locator('.state', {hasText: new RegExp(`^${words}$`)}).waitFor()
  }

  /** Why there is no connection any more. */
  get why(): Locator {
    return this.page.locator('.why')
  }

  /** A message of the route. */
  card(name: string): Locator {
    return this.page.locator('.card', {
      has: this.page.locator('summary code', {hasText: new RegExp(`^${name}$`)}),
    })
  }

  async open(name: string): Promise<Locator> {
    const card = this.card(name)
    if ((await card.getAttribute('open')) === null) await card.locator('summary').first().click()
    return card
  }

  /** A frame in the list, by what is in its line. */
  frame(text: string | RegExp): Locator {
    return this.page.getByRole('option').filter({hasText: text})
  }

  async logIn(name: string): Promise<void> {
    await this.choose('post/login')
    await this.page.getByLabel('Name of the field').fill('name')
    await this.page.getByLabel('Value of the field').fill(name)
    await this.page.getByRole('button', {name: 'Send', exact: true}).click()
    await this.page.getByText('Logged in as').waitFor()
  }
}

let opened: Workbench[] = []
let expected: RegExp | undefined

/** Says what a browser's console may hold in this test. */
export function expectProblems(pattern: RegExp): void {
  expected = pattern
}

let browser: () => Browser

/** One browser for the tests of a file, whose consoles stay empty unless a test is about what belongs there. */
export function useWorkbench(): void {
  browser = useBrowser(launch)
  afterEach(() => {
    const surprises = opened.flatMap(({problems}) => problems).filter(problem => !expected?.test(problem))
    opened = []
    expected = undefined
    expect(surprises).toEqual([])
  })
}

/** What should not happen is told, and nothing else. */
export const silent = {debug() {}, info() {}, warn() {}, error: console.error}

/**
 * An app of this test, and where its page is.
 *
 * @param port default: a free one
 */
export async function appWith(options: AppOptions, port = 0): Promise<{app: App; url: string}> {
  const app = await createApp({logger: silent, ...options})
  onTestFinished(() => app.close())
  const {url} = await app.listen({port})
  return {app, url: `${url}/_candy/`}
}
