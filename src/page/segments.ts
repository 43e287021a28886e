import {freshId, make} from './element.js'

/** A few ways to see one thing, one of them chosen. */
export class Segments<Name extends string> {
  readonly element: HTMLFieldSetElement
  readonly #radios: ReadonlyMap<Name, HTMLInputElement>

  /** @param words what each is called, the first chosen */
  constructor(
    legend: string,
    words: Readonly<Record<Name, string>>,
    chosen: (name: Name, before: Name) => void,
  ) {
    const group = freshId()
    const names = Object.keys(words) as Name[]
    this.#radios = new Map(
      names.map((value, n) => [value, make('input', {type: 'radio', name: group, value, checked: n === 0})]),
    )
    let before = names[0]!
    const labels = [...this.#radios].map(([value, radio]) => {
      radio.addEventListener('change', () => {
        chosen(value, before)
        before = value
      })
      return make('label', {}, radio, make('span', {}, words[value]))
    })
    this.element = make('fieldset', {class: 'segments'}, make('legend', {class: 'unseen'}, legend), ...labels)
  }

  get chosen(): Name {
    for (const [name, radio] of this.#radios) if (radio.checked) return name
    throw new Error('one of them is always chosen')
  }

  choose(name: Name): void {
    const radio = this.#radios.get(name)
    if (!radio || radio.checked) return
    radio.checked = true
    radio.dispatchEvent(new Event('change'))
  }
}
