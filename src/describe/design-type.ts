import type {JsonSchema} from './description.js'

const ofTypes = new Map<unknown, JsonSchema>([
  [String, {type: 'string'}],
  [Number, {type: 'number'}],
  [Boolean, {type: 'boolean'}],
  [Date, {type: 'string', format: 'date-time'}],
  [Array, {type: 'array', items: {}}],
  [Set, {type: 'array', items: {}}],
  [Map, {type: 'object'}],
])

/** What the type of a property says, where its rules do not. */
export function schemaOfType(type: unknown): JsonSchema {
  return ofTypes.get(type) ?? {}
}
