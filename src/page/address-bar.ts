import type {DescribedRoute} from '../describe/description.js'
import {appUrl, partsOf} from './address.js'
import {make, unseen} from './element.js'

export interface AddressBarOptions {
  readonly route: Pick<DescribedRoute, 'kind' | 'path' | 'token'>
  /** What stands at its end: the button that goes there, and what belongs to it. */
  readonly actions: readonly Node[]
  readonly submitted: () => void
}

const badges = {ws: 'WS', page: 'PAGE', get: 'GET', post: 'POST'} as const

/** Where to: the path of a route with a field for each parameter, a query, and whether a token comes along. */
export class AddressBar {
  readonly element: HTMLFormElement
  readonly #path: readonly (string | HTMLInputElement)[]
  readonly #query = make('input', {placeholder: 'query', spellcheck: 'false', autocomplete: 'off'})
  readonly #token = make('input', {type: 'checkbox', role: 'switch'})

  constructor({route, actions, submitted}: AddressBarOptions) {
    this.#path = partsOf(route.path).map(({text, param}) =>
      param === undefined ? text : make('input', {name: param, spellcheck: 'false', autocomplete: 'off'}),
    )
    this.#token.checked = route.token
    const path = this.#path.map(part =>
      typeof part === 'string'
        ? make('span', {class: 'path-text'}, part)
        : make(
            'label',
            {class: 'slot'},
            unseen('Parameter '),
            make('span', {class: 'slot-name'}, part.name),
            part,
          ),
    )
    const token = make('label', {class: 'switch'}, this.#token, 'Token')
    this.element = make(
      'form',
      {class: 'address', novalidate: true, autocomplete: 'off'},
      make('span', {class: `kind kind-${route.kind}`}, badges[route.kind]),
      make(
        'div',
        {class: 'address-path'},
        ...path,
        make('span', {class: 'path-text', 'aria-hidden': 'true'}, '?'),
        make('label', {class: 'slot slot-query'}, unseen('Query'), this.#query),
      ),
      // A link carries none.
      route.kind !== 'page' && token,
      ...actions,
    )
    this.element.addEventListener('submit', event => {
      event.preventDefault()
      submitted()
    })
    for (const input of this.element.querySelectorAll('input')) input.setAttribute('enterkeyhint', 'go')
  }

  get url(): URL {
    const path = this.#path.map(part => (typeof part === 'string' ? part : encodeURIComponent(part.value)))
    const url = appUrl(path.join(''))
    url.search = this.#query.value.replace(/^\?/, '')
    return url
  }

  get withToken(): boolean {
    return this.#token.checked
  }

  /** The parameters that nobody has filled in. */
  get missing(): string[] {
    return this.#path.flatMap(part => (typeof part !== 'string' && part.value === '' ? [part.name] : []))
  }
}
