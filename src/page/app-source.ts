import type {PageData} from '../describe/description.js'

/** How often the server is asked while somebody looks, in milliseconds. */
const pace = 1_000

export interface AppSourceEvents {
  /** The app, at first and whenever it has changed. */
  readonly data: (data: PageData) => void
  /** Why there is no news; `''` when there is again. */
  readonly trouble: (why: string) => void
}

/** Asks the server what the app is, again and again while the page is visible. */
export class AppSource {
  readonly #on: AppSourceEvents
  #etag = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn: Promise<void> = Promise.resolve()
  #trouble = ''

  constructor(on: AppSourceEvents) {
    this.#on = on
    document.addEventListener('visibilitychange', () => void this.refresh())
  }

  /** Asks now, after a request that is on its way. What the server says to it is shown when this resolves. */
  async refresh(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#ask())
    await this.#turn
    clearTimeout(this.#timer)
    if (document.visibilityState === 'visible') this.#timer = setTimeout(() => void this.refresh(), pace)
  }

  async #ask(): Promise<void> {
    try {
      const data = await this.#fetch()
      if (data) this.#on.data(data)
      this.#tell('')
    } catch (error) {
      this.#tell((error as Error).message)
    }
  }

  /** @returns `undefined` if nothing has changed */
  async #fetch(): Promise<PageData | undefined> {
    const headers = new Headers(this.#etag === '' ? [] : [['If-None-Match', this.#etag]])
    const response = await fetch('app.json', {headers}).catch((error: unknown) => {
      throw new Error('The server is away', {cause: error})
    })
    if (response.status === 304) return undefined
    if (!response.ok) throw new Error(`The server answers ${response.status}`)
    const data = (await response.json()) as PageData
    this.#etag = response.headers.get('etag') ?? ''
    return data
  }

  #tell(trouble: string): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#on.trouble(trouble)
  }
}
