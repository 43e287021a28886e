import type {DescribedRoute, PageData} from '../describe/description.js'
import {namedBy, nameOf} from './address.js'
import {AppSource} from './app-source.js'
import {make} from './element.js'
import {FaultBanner} from './fault-banner.js'
import {HttpView} from './http-view.js'
import {RouteList} from './route-list.js'
import type {RouteView} from './route-view.js'
import {SocketView} from './socket-view.js'
import {goneRoute, introduction, nothingServed, startPage} from './start-page.js'
import {TopBar} from './top-bar.js'

/** The order in which routes stand in the list. */
const order = ['ws', 'page', 'get', 'post']

/** The whole page. */
export class Workbench {
  readonly #bar = new TopBar()
  readonly #fault = new FaultBanner()
  readonly #list = new RouteList()
  readonly #main = make('main', {id: 'main'})
  readonly #views = new Map<string, RouteView>()
  readonly #source = new AppSource({
    data: data => this.#update(data),
    trouble: words => this.#bar.trouble(words),
  })
  #data: PageData | undefined
  /** Name of the route that is shown. */
  #shown = ''

  /** @param within what the page is put into */
  constructor(within: HTMLElement) {
    const skip = make('a', {class: 'skip', href: '#main'}, 'Skip to the route')
    skip.addEventListener('click', event => {
      event.preventDefault()
      this.#focusTitle()
    })
    within.replaceChildren(skip, this.#bar.element, this.#fault.element, this.#list.element, this.#main)
    window.addEventListener('hashchange', () => {
      this.#show()
      this.#focusTitle()
    })
    document.addEventListener('keydown', event => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      this.#list.focusFilter()
    })
    wide.addEventListener('change', () => this.#show())
  }

  start(): void {
    void this.#source.refresh()
  }

  #update(data: PageData): void {
    const routes = data.routes.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    this.#data = {...data, routes}
    this.#bar.show(this.#data)
    this.#fault.show(data.fault, routes.length > 0)
    const names = new Set(routes.map(nameOf))
    for (const route of routes) this.#views.get(nameOf(route))?.update(route, this.#data)
    // What a fault takes away comes back with the save that mends it, and what was typed there with it.
    if (data.fault === null) this.#forgetAllBut(names)
    this.#show()
  }

  #forgetAllBut(names: ReadonlySet<string>): void {
    for (const [name, view] of this.#views) if (!names.has(name) && !view.isLive) this.#views.delete(name)
  }

  #show(): void {
    const data = this.#data
    if (!data) return
    const asked = namedBy(location.hash)
    const chosen =
      data.routes.find(route => nameOf(route) === asked) ?? (asked === '' ? first(data) : undefined)
    this.#shown = chosen ? nameOf(chosen) : asked
    this.#showList()
    document.body.dataset.shows = asked === '' && data.routes.length > 0 ? 'list' : 'route'
    document.title = [chosen?.path, data.title, 'Candy'].filter(Boolean).join(' · ')
    const element = this.#elementFor(chosen, asked, data)
    if (this.#main.firstElementChild !== element) this.#main.replaceChildren(element)
  }

  #elementFor(route: DescribedRoute | undefined, asked: string, data: PageData): HTMLElement {
    if (route) return this.#viewOf(route, data).element
    if (data.routes.length === 0) return data.fault === null ? startPage() : nothingServed()
    return asked === '' ? introduction(data) : goneRoute(asked)
  }

  #viewOf(route: DescribedRoute, data: PageData): RouteView {
    const known = this.#views.get(nameOf(route))
    if (known) return known
    const View = route.kind === 'ws' ? SocketView : HttpView
    const view = new View({
      route,
      readOnly: data.readOnly,
      refresh: () => void this.#source.refresh(),
      changed: () => this.#showList(),
    })
    this.#views.set(nameOf(route), view)
    view.update(route, data)
    return view
  }

  #showList(): void {
    const live = new Set([...this.#views].flatMap(([name, {isLive}]) => (isLive ? [name] : [])))
    if (this.#data) this.#list.show(this.#data, this.#shown, live)
  }

  #focusTitle(): void {
    this.#main.querySelector<HTMLElement>('h1')?.focus()
  }
}

/** Where list and route stand side by side. */
const wide = matchMedia('(min-width: 60rem)')

/** Beside the list something is always shown. */
function first({routes}: PageData): DescribedRoute | undefined {
  return wide.matches ? routes[0] : undefined
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select') !== null
}
