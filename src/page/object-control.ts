import type {JsonSchema} from '../describe/description.js'
import type {Control, MakeControl, Spot} from './control.js'
import {make} from './element.js'
import {Field} from './field.js'
import {propertiesOf, type Schemas} from './schema.js'

/** Deeper than that a class that needs itself is left out, or its form would have no end. */
const deepest = 6

/** The fields of a class; those that are left out are not in the value. */
export function objectControl(
  schema: JsonSchema,
  schemas: Schemas,
  depth: number,
  makeControl: MakeControl,
): Control {
  const fields = new Map(
    propertiesOf(schema, schemas).map(({name, schema, required}) => {
      const control = () => makeControl(schema, depth + 1)
      return [name, new Field({name, schema, schemas, required: required && depth < deepest, control})]
    }),
  )
  const tag = depth === 0 ? 'div' : 'fieldset'
  return {
    element: make(tag, {class: 'fields'}, ...[...fields.values()].map(({element}) => element)),
    input: undefined,
    value: () =>
      Object.fromEntries(
        [...fields].map(([name, field]) => [name, field.present ? field.value() : undefined]),
      ),
    fill: (value, missing) => {
      if (typeof value !== 'object' || value === null) return
      for (const [name, field] of fields) {
        const inner = (value as Record<string, unknown>)[name]
        if (inner !== undefined) field.fill(inner, missing)
        else if (name in value || missing === 'leave out') field.present = false
      }
    },
    find: ([name = '', ...rest]): Spot | undefined => fields.get(name)?.find(rest),
  }
}
