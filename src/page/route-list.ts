import type {DescribedRoute, PageData} from '../describe/description.js'
import {linkTo, nameOf} from './address.js'
import {make, unseen} from './element.js'
import {guardNames} from './guards.js'
import {pathWithParams} from './path.js'

const groups = [
  {title: 'WebSocket', kinds: ['ws']},
  {title: 'Pages', kinds: ['page']},
  {title: 'HTTP', kinds: ['get', 'post']},
] as const

/** Every route of the app, to be found and chosen. */
export class RouteList {
  readonly #filter = make('input', {
    type: 'search',
    placeholder: 'Filter routes',
    spellcheck: 'false',
    autocomplete: 'off',
  })
  readonly #lists = make('div', {class: 'route-groups'})
  readonly #none = make('p', {class: 'soft none', role: 'status'})
  readonly element: HTMLElement
  #shows = ''
  #items: {readonly element: HTMLElement; readonly text: string}[] = []

  constructor() {
    this.#filter.addEventListener('input', () => this.#sift())
    this.#filter.addEventListener('keydown', event => {
      if (event.key === 'ArrowDown') this.#step(event, -1, 1)
    })
    this.#lists.addEventListener('keydown', event => {
      const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
      if (step) this.#step(event, this.#links().indexOf(document.activeElement as HTMLElement), step)
    })
    this.element = make(
      'nav',
      {class: 'routes', 'aria-label': 'Routes'},
      make(
        'label',
        {class: 'route-filter'},
        unseen('Filter routes'),
        this.#filter,
        make('kbd', {'aria-hidden': 'true'}, '/'),
      ),
      this.#lists,
      this.#none,
    )
  }

  focusFilter(): void {
    this.#filter.focus()
    this.#filter.select()
  }

  /**
   * @param chosen name of the route that is shown
   * @param live names of routes with an open connection
   */
  show({routes}: PageData, chosen: string, live: ReadonlySet<string>): void {
    const shows = JSON.stringify([routes, chosen, [...live]])
    if (shows === this.#shows) return
    this.#shows = shows
    const focused = (document.activeElement as HTMLElement | null)?.getAttribute('href')
    this.#items = []
    const sections = groups.flatMap(({title, kinds}) => {
      const found = routes.filter(({kind}) => (kinds as readonly string[]).includes(kind))
      if (found.length === 0) return []
      const items = found.map(route => this.#item(route, chosen, live))
      return [make('section', {}, make('h2', {}, title), make('ul', {}, ...items))]
    })
    this.#lists.replaceChildren(...sections)
    this.#sift()
    const links = this.#links()
    links.find(link => link.getAttribute('href') === focused)?.focus()
    const current = links.find(link => link.hasAttribute('aria-current'))
    if (current) this.#reveal(current)
  }

  /** Not with scrollIntoView(), after which the Tab key would go on from there. */
  #reveal(link: HTMLElement): void {
    const [list, item] = [this.element.getBoundingClientRect(), link.getBoundingClientRect()]
    if (item.top < list.top) this.element.scrollTop -= list.top - item.top
    if (item.bottom > list.bottom) this.element.scrollTop += item.bottom - list.bottom
  }

  #item(route: DescribedRoute, chosen: string, live: ReadonlySet<string>): HTMLElement {
    const name = nameOf(route)
    const guards = guardNames(route).join(', ')
    const verb = route.kind === 'get' || route.kind === 'post' ? route.kind.toUpperCase() : ''
    const link = make(
      'a',
      {href: linkTo(route), 'aria-current': name === chosen ? 'page' : undefined},
      make(
        'span',
        {class: 'route-path'},
        verb !== '' && make('span', {class: 'verb'}, verb),
        verb !== '' && ' ',
        make('span', {}, ...pathWithParams(route.path)),
        live.has(name) && make('span', {class: 'live', title: 'connected'}, unseen(' connected')),
      ),
      guards !== '' && make('span', {class: 'route-guards'}, guards),
      make('span', {class: 'route-source'}, route.source),
    )
    const element = make('li', {}, link)
    const types = [...(route.messages?.takes ?? []), ...(route.messages?.sends ?? [])].map(({type}) => type)
    this.#items.push({
      element,
      text: [verb, route.path, guards, route.source, ...types].join(' ').toLowerCase(),
    })
    return element
  }

  /** Hides what the filter does not let through. */
  #sift(): void {
    const words = this.#filter.value.toLowerCase().split(/\s+/)
    for (const {element, text} of this.#items) element.hidden = !words.every(word => text.includes(word))
    for (const section of this.#lists.children)
      (section as HTMLElement).hidden = !section.querySelector('li:not([hidden])')
    const isEmpty = this.#items.length > 0 && this.#items.every(({element}) => element.hidden)
    this.#none.textContent = isEmpty ? 'No route matches.' : ''
  }

  #links(): HTMLElement[] {
    return [...this.#lists.querySelectorAll<HTMLElement>('li:not([hidden]) a')]
  }

  #step(event: Event, from: number, step: number): void {
    event.preventDefault()
    const links = this.#links()
    if (from + step < 0) this.#filter.focus()
    else links[Math.min(links.length - 1, from + step)]?.focus()
  }
}
