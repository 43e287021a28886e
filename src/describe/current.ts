import type {Describable} from './describe.js'
import type {Description} from './description.js'

/** The description of an app that runs: made when somebody asks for it, and anew once a route or a message has come. */
export class CurrentDescription {
  readonly #routes: () => readonly Describable[]
  readonly #title: () => Pick<Description, 'title' | 'version'>
  #described: readonly Describable[] = []
  #description: Description | undefined

  constructor(routes: () => readonly Describable[], title: () => Pick<Description, 'title' | 'version'>) {
    this.#routes = routes
    this.#title = title
  }

  async get(): Promise<Description> {
    // Most apps are never asked: what makes schemas is loaded with the first question.
    const {describe} = await import('./describe.js')
    const routes = this.#routes()
    if (this.#description && isSame(routes, this.#described)) return this.#description
    this.#description = describe(routes, this.#title())
    this.#described = routes
    return this.#description
  }
}

function isSame(a: readonly Describable[], b: readonly Describable[]): boolean {
  return a.length === b.length && a.every((one, at) => one.contract === b[at]!.contract)
}
