/// <reference lib="dom" />
import type {Browser, BrowserContext, BrowserContextOptions, Locator, Page} from 'playwright-core'

/** One person at the example: a browser profile of their own, with one window open. */
export class Person {
  /** What the browser complained about: errors, refused requests, the Content-Security-Policy. */
  readonly problems: string[] = []
  /** What came over each WebSocket, by its path. */
  readonly received = new Map<string, unknown[]>()

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {
    context.on('page', opened => this.#watch(opened))
    this.#watch(page)
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      viewport: {width: 1280, height: 800},
      locale: 'en-GB',
      ...options,
    })
    context.setDefaultTimeout(20_000)
    const person = new Person(context, await context.newPage(), url)
    await person.page.goto(url)
    return person
  }

  async logIn(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.getByRole('button', {name: 'Log in'}).click()
    await this.allOpen()
  }

  /** Until every connection of the page says that it is open. */
  async allOpen(): Promise<void> {
    for (const name of ['room', 'notifications', 'game'])
      await this.page.locator(`#${name}-state`, {hasText: /^open$/}).waitFor()
  }

  state(name: 'room' | 'notifications' | 'game' | 'raw'): Locator {
    return this.page.locator(`#${name}-state`)
  }

  get message(): Locator {
    return this.page.getByLabel('Message', {exact: true})
  }

  get log(): Locator {
    return this.page.getByRole('log', {name: 'Messages'})
  }

  get toasts(): Locator {
    return this.page.getByRole('status', {name: 'New notifications'})
  }

  /** What the list of notifications shows, the latest first. */
  async notifications(): Promise<string[]> {
    return this.page.locator('#received li p:last-child').allTextContents()
  }

  /** What came over a WebSocket of the page, without what is between Candy and its client. */
  heard(path: string): unknown[] {
    const frames = this.received.get(path) ?? []
    return frames.filter(frame => !(frame as {type?: string}).type?.startsWith('candy.'))
  }

  async say(text: string): Promise<void> {
    await this.message.fill(text)
    await this.message.press('Enter')
  }

  /** Faster than anybody types. */
  async sayAtOnce(texts: readonly string[]): Promise<void> {
    await this.message.evaluate((field, all) => {
      const input = field as HTMLInputElement
      for (const text of all) {
        input.value = text
        input.form!.requestSubmit()
      }
    }, texts)
  }

  /** Until the room shows it. */
  async reads(text: string): Promise<void> {
    await this.log.getByText(text, {exact: true}).last().waitFor()
  }

  /** Whether a message is in the part of the log that shows, and nothing covers it. */
  async sees(text: string): Promise<boolean> {
    return this.log
      .getByText(text, {exact: true})
      .last()
      .evaluate(element => {
        const {left, top, bottom} = element.getBoundingClientRect()
        return [top, bottom - 1].every(y => document.elementFromPoint(left + 1, y) === element)
      })
  }

  async people(): Promise<string[]> {
    return this.page
      .locator('#people li')
      .evaluateAll(items => items.map(item => [...item.childNodes].at(-1)?.textContent ?? ''))
  }

  /** Opens the form, chooses somebody, and sends. */
  async notify(name: string, text: string): Promise<Page> {
    const form = await this.context.newPage()
    await form.goto(new URL('/notify', this.url).href)
    await form.getByLabel('To').selectOption({label: name})
    await form.getByLabel('Text').fill(text)
    await form.getByRole('button', {name: 'Send'}).click()
    await form.getByRole('status').waitFor()
    return form
  }

  #watch(page: Page): void {
    page.on('pageerror', error => this.problems.push(error.message))
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text())
    })
    page.on('websocket', socket => {
      const {pathname, search} = new URL(socket.url())
      const frames = this.received.get(pathname + search) ?? []
      this.received.set(pathname + search, frames)
      socket.on('framereceived', ({payload}) => frames.push(JSON.parse(payload.toString())))
    })
  }
}
