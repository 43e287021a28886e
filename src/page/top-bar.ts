import type {PageData} from '../describe/description.js'
import {make, verbatim} from './element.js'
import {pretty} from './pretty.js'

/** Whose page this is, who is logged in, and whether the server is there. */
export class TopBar {
  readonly #app = make('p', {class: 'app-name'})
  readonly #user = make('div', {class: 'user'})
  readonly #trouble = make('p', {class: 'trouble', role: 'status'})
  readonly element = make(
    'header',
    {class: 'bar'},
    make(
      'a',
      {class: 'brand', href: '#'},
      make('img', {src: 'page/icon.svg', alt: '', width: 22, height: 22}),
      'Candy',
    ),
    make('a', {class: 'to-list', href: '#'}, 'All routes'),
    this.#app,
    this.#trouble,
    this.#user,
  )
  #shown = ''

  show({title, version, user, readOnly}: PageData): void {
    this.#app.replaceChildren(title, ' ', make('span', {class: 'soft'}, version))
    const shown = JSON.stringify([user, readOnly])
    if (shown === this.#shown) return
    this.#shown = shown
    if (readOnly) return this.#user.replaceChildren(make('span', {class: 'soft'}, 'Read only'))
    if (user === null) return this.#user.replaceChildren(make('span', {class: 'soft'}, 'Nobody is logged in'))
    this.#user.replaceChildren(
      make(
        'details',
        {class: 'user-details'},
        make(
          'summary',
          {},
          make('span', {class: 'soft'}, 'Logged in as '),
          make('strong', {}, user.name ?? user.id),
        ),
        verbatim('The user', ...pretty(JSON.stringify(user))),
      ),
    )
  }

  /** @param words `''` when all is well */
  trouble(words: string): void {
    this.#trouble.textContent = words
  }
}
