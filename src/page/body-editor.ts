import {button, cross, make, unseen} from './element.js'
import {parsed} from './frame.js'
import {Segments} from './segments.js'

interface Row {
  readonly element: HTMLElement
  readonly key: HTMLInputElement
  readonly value: HTMLInputElement
}

/** The body of a request: names with their texts, or JSON of any kind; it is sent as JSON either way. */
export class BodyEditor {
  readonly element: HTMLElement
  readonly #list = make('div', {class: 'pairs'})
  readonly #add = button('Add a field', () => this.#append('', '').key.focus(), {class: 'add'})
  readonly #fields = make('div', {class: 'fields-pane'}, this.#list, this.#add)
  readonly #json = make('textarea', {
    class: 'code',
    rows: 6,
    spellcheck: 'false',
    'aria-label': 'Body as JSON',
    hidden: true,
  })
  readonly #views: Segments<'fields' | 'json'>
  #rows: Row[] = []

  constructor() {
    this.#views = new Segments('How to write the body', {fields: 'Fields', json: 'JSON'}, view =>
      this.#look(view),
    )
    this.#append('', '')
    this.element = make(
      'div',
      {class: 'body-editor'},
      make('h2', {}, 'Body'),
      this.#views.element,
      this.#fields,
      this.#json,
    )
  }

  /** The body as it is sent: JSON, or whatever was typed instead. */
  get text(): string {
    return this.#views.chosen === 'json' ? this.#json.value : JSON.stringify(this.#values())
  }

  #values(): Record<string, string> {
    const named = this.#rows.filter(({key}) => key.value !== '')
    return Object.fromEntries(named.map(({key, value}) => [key.value, value.value]))
  }

  #look(view: 'fields' | 'json'): void {
    this.#fields.hidden = view === 'json'
    this.#json.hidden = view === 'fields'
    if (view === 'json') {
      this.#json.value = JSON.stringify(this.#values(), null, 2)
      return
    }
    const entries = Object.entries(parsed(this.#json.value) ?? {})
    this.#rows = []
    this.#list.replaceChildren()
    for (const [key, value] of entries.length > 0 ? entries : [['', ''] as const])
      this.#append(key, typeof value === 'string' ? value : JSON.stringify(value))
  }

  #append(name: string, text: string): Row {
    const key = make('input', {placeholder: 'name', spellcheck: 'false', autocomplete: 'off'})
    const value = make('input', {placeholder: 'value', spellcheck: 'false', autocomplete: 'off'})
    key.value = name
    value.value = text
    const element = make(
      'div',
      {class: 'pair'},
      make('label', {}, unseen('Name of the field'), key),
      make('label', {class: 'grow'}, unseen('Value of the field'), value),
      cross('Remove the field', () => this.#remove(row)),
    )
    const row = {element, key, value}
    this.#rows.push(row)
    this.#list.append(element)
    return row
  }

  #remove(row: Row): void {
    this.#rows = this.#rows.filter(each => each !== row)
    row.element.remove()
    this.#add.focus()
  }
}
