import type {JsonSchema} from '../describe/description.js'
import type {Control, MakeControl} from './control.js'
import {booleanControl, choiceControl, jsonControl, numberControl, textControl} from './leaf-controls.js'
import {listControl} from './list-control.js'
import {objectControl} from './object-control.js'
import {kindOf, resolve, type Schemas} from './schema.js'

/** What a value of a schema is typed into. */
export function controlFor(schema: JsonSchema, schemas: Schemas): Control {
  const makeControl: MakeControl = (schema, depth) => {
    switch (kindOf(schema, schemas)) {
      case 'text':
        return textControl()
      case 'number':
        return numberControl()
      case 'boolean':
        return booleanControl()
      case 'choice':
        return choiceControl(choicesOf(resolve(schema, schemas)))
      case 'object':
        return objectControl(schema, schemas, depth, makeControl)
      case 'list':
        return listControl(schema, schemas, depth, makeControl)
      case 'json':
        return jsonControl(resolve(schema, schemas).type === 'array' ? '[]' : '{}')
    }
  }
  return makeControl(schema, 0)
}

function choicesOf({enum: values, const: constant}: JsonSchema): readonly unknown[] {
  return values ?? [constant]
}
