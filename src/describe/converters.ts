import {IS_ENUM, IS_IN, MATCHES, ValidationTypes} from 'class-validator'
import type {Metadata} from '../messages/validator-plan.js'
import type {JsonSchema} from './description.js'

export type Converters = Readonly<Record<string, (rule: Metadata) => JsonSchema>>

/** Rules that class-validator-jsonschema says wrongly, or not at all. */
export const converters: Converters = {
  // By name, for whoever reads it: what a rule of the author's means, no schema can say.
  [ValidationTypes.CUSTOM_VALIDATION]: ({name, type}) => ({description: `checked by ${name ?? type}`}),
  // Numbers too, and values of several types.
  [IS_ENUM]: ({constraints}) => ({enum: Object.values(constraints[0] as object)}),
  [IS_IN]: ({constraints}) => ({enum: [...(constraints[0] as unknown[])]}),
  [MATCHES]: ({constraints}) => ({type: 'string', ...patternOf(constraints[0] as RegExp | string)}),
}

/** A pattern of JSON Schema has no flags, and is read as Unicode. */
function patternOf(rule: RegExp | string): JsonSchema {
  const {source, flags} = new RegExp(rule)
  const isPlain = flags.replaceAll(/[gdyu]/g, '') === ''
  return isPlain && isUnicode(source) ? {pattern: source} : {description: `matches /${source}/${flags}`}
}

function isUnicode(source: string): boolean {
  try {
    return new RegExp(source, 'u').unicode
  } catch {
    return false
  }
}

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
