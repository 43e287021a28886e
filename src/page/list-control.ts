import type {JsonSchema} from '../describe/description.js'
import type {Control, MakeControl, Missing, Spot} from './control.js'
import {button, make} from './element.js'
import {Field} from './field.js'
import {resolve, type Schemas} from './schema.js'

/** A list whose items come and go. */
export function listControl(
  schema: JsonSchema,
  schemas: Schemas,
  depth: number,
  makeControl: MakeControl,
): Control {
  const {items = {}, minItems = 0} = resolve(schema, schemas)
  const list = make('div', {class: 'items'})
  const add = button('Add an item', () => append().focus(), {class: 'add'})
  const fields: Field[] = []

  function append(): Field {
    const name = String(fields.length)
    const field: Field = new Field({
      name,
      spokenName: `item ${name}`,
      schema: items,
      schemas,
      required: true,
      control: () => makeControl(items, depth + 1),
      remove: () => remove(field),
    })
    fields.push(field)
    list.append(field.element)
    return field
  }

  function remove(field: Field): void {
    // Items are named by their place, which those behind it change.
    const values = fields.filter(each => each !== field).map(each => each.value())
    fill(values, 'keep')
    add.focus()
  }

  function fill(values: readonly unknown[], missing: Missing): void {
    fields.length = 0
    list.replaceChildren()
    for (const value of values) append().fill(value, missing)
  }

  // A list that needs items begins with one; deeper down it waits to be asked, for a class may hold lists of itself.
  if (minItems > 0 && depth < 4) append()
  return {
    element: make('fieldset', {class: 'list'}, list, add),
    input: undefined,
    value: () => fields.map(field => field.value()),
    fill: (value, missing) => fill(Array.isArray(value) ? value : [], missing),
    find: ([index, ...rest]): Spot | undefined => fields[Number(index)]?.find(rest),
  }
}
