import type {JsonSchema} from '../describe/description.js'
import type {Control, Missing, Spot} from './control.js'
import {button, cross, freshId, make, prose} from './element.js'
import type {Schemas} from './schema.js'
import {ruleWords, typeWords} from './schema-words.js'

export interface FieldOptions {
  readonly name: string
  /** For those who hear the form and do not see where the field stands: `item 2 of lines`. */
  readonly spokenName?: string
  readonly schema: JsonSchema
  readonly schemas: Schemas
  readonly required: boolean
  /** Called once, when the field is first there: a class may hold itself. */
  readonly control: () => Control
  /** Removes the field for good, as items of a list are; without it, a field can be left out and added again. */
  readonly remove?: () => void
}

/** A value with its name, its type, its rules, and what is wrong with it. */
export class Field implements Spot {
  readonly element: HTMLElement
  readonly #options: FieldOptions
  readonly #body = make('div', {class: 'field-body'})
  readonly #fault = make('p', {class: 'fault', id: freshId(), hidden: true})
  readonly #rules: HTMLElement
  readonly #label: HTMLElement
  readonly #leave: HTMLButtonElement
  readonly #add: HTMLButtonElement
  #control: Control | undefined
  #present = false

  constructor(options: FieldOptions) {
    this.#options = options
    const {name, spokenName = name, schema, schemas, required} = options
    const rules = ruleWords(schema, schemas).join(' · ')
    this.#rules = make('span', {class: 'rules', id: freshId()}, ...prose(rules))
    this.#label = make('label', {class: 'name', id: freshId()}, name)
    const leave = `${options.remove ? 'Remove' : 'Leave out'} ${spokenName}`
    this.#leave = cross(leave, () => this.#leaveOut())
    this.#add = button('Left out. Add it', () => this.#comeBack(), {
      class: 'add',
      'aria-label': `Left out. Add it: ${spokenName}`,
    })
    const head = make(
      'div',
      {class: 'field-head'},
      this.#label,
      make('span', {class: 'type'}, typeWords(schema, schemas)),
      !required && make('span', {class: 'optional'}, 'optional'),
      this.#rules,
      this.#leave,
    )
    this.element = make('div', {class: 'field'}, head, this.#body, this.#fault)
    this.present = required
  }

  get present(): boolean {
    return this.#present
  }

  set present(present: boolean) {
    this.#present = present
    this.#leave.hidden = !present
    this.element.toggleAttribute('data-absent', !present)
    this.#body.replaceChildren(present ? this.#made().element : this.#add)
  }

  value(): unknown {
    return this.#made().value()
  }

  fill(value: unknown, missing: Missing): void {
    this.present = true
    this.#made().fill(value, missing)
  }

  find(path: readonly string[]): Spot | undefined {
    if (path.length === 0) return this
    return this.#present ? this.#made().find(path) : undefined
  }

  fault(messages: readonly string[]): void {
    this.#fault.replaceChildren(...messages.map(message => make('span', {}, message)))
    this.#fault.hidden = messages.length === 0
    this.element.toggleAttribute('data-fault', messages.length > 0)
    const input = this.#present ? this.#made().input : undefined
    if (messages.length > 0) input?.setAttribute('aria-invalid', 'true')
    else input?.removeAttribute('aria-invalid')
  }

  focus(): void {
    const inner =
      this.#body.querySelector<HTMLElement>('input, textarea, select') ??
      this.#body.querySelector<HTMLElement>('button')
    inner?.focus()
    // What is wrong with it stands below it.
    this.element.scrollIntoView({block: 'nearest'})
  }

  #made(): Control {
    if (this.#control) return this.#control
    const control = this.#options.control()
    this.#control = control
    const described = `${this.#rules.id} ${this.#fault.id}`
    if (control.input) {
      this.#label.setAttribute('for', control.input.id)
      control.input.setAttribute('aria-describedby', described)
    } else {
      control.element.setAttribute('aria-labelledby', this.#label.id)
      control.element.setAttribute('aria-describedby', described)
    }
    return control
  }

  #leaveOut(): void {
    if (this.#options.remove) return this.#options.remove()
    this.fault([])
    this.present = false
    this.#add.focus()
  }

  #comeBack(): void {
    this.fault([])
    this.present = true
    this.focus()
  }
}
