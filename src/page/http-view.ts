import type {DescribedRoute, PageData} from '../describe/description.js'
import {AddressBar} from './address-bar.js'
import {BodyEditor} from './body-editor.js'
import {call} from './call.js'
import {make, replace} from './element.js'
import {loginNote} from './login-note.js'
import {ResponsePanel} from './response-panel.js'
import {guardsPart, routeHead} from './route-head.js'
import type {RouteView, RouteViewOptions} from './route-view.js'

/** An HTTP route: what it asks for, and a request to try it with; a page is opened rather than asked. */
export class HttpView implements RouteView {
  readonly element: HTMLElement
  readonly isLive = false
  readonly #options: RouteViewOptions
  readonly #top = make('div', {class: 'route-top'})
  readonly #facts = make('div', {class: 'facts-part'})
  readonly #body: BodyEditor | undefined
  readonly #response = new ResponsePanel()
  readonly #address: AddressBar
  readonly #link = make(
    'a',
    {class: 'primary connect', target: '_blank', rel: 'noopener'},
    'Open in a new tab',
  )

  constructor(options: RouteViewOptions) {
    this.#options = options
    const {kind} = options.route
    const isPage = kind === 'page'
    this.#body = kind === 'post' ? new BodyEditor() : undefined
    this.#address = new AddressBar({
      route: options.route,
      actions: [isPage ? this.#link : make('button', {class: 'primary connect'}, 'Send')],
      submitted: () => (isPage ? this.#link.click() : void this.#ask()),
    })
    const point = () => (this.#link.href = this.#address.url.href)
    this.#address.element.addEventListener('input', point)
    point()
    const line = make('div', {class: 'console-line'}, this.#address.element)
    const tried = options.readOnly ? [] : [line]
    const body = options.readOnly ? undefined : this.#body?.element
    const reading = make('div', {class: 'reading'}, this.#facts, body)
    const panel = !options.readOnly && !isPage && this.#response.element
    this.element = make(
      'article',
      {class: `route route-${kind}`},
      this.#top,
      ...tried,
      make('div', {class: 'bench'}, reading, panel),
    )
  }

  update(route: DescribedRoute, data: PageData): void {
    const login = this.#options.readOnly ? undefined : loginNote(route, data)
    replace(this.#top, routeHead(route), login)
    replace(this.#facts, guardsPart(route))
  }

  async #ask(): Promise<void> {
    this.#response.waiting()
    try {
      this.#response.show(
        await call({
          method: this.#body ? 'POST' : 'GET',
          url: this.#address.url,
          withToken: this.#address.withToken,
          body: this.#body?.text,
        }),
      )
    } catch (error) {
      this.#response.failed((error as Error).message)
    }
    // It may have been a login.
    this.#options.refresh()
  }
}
