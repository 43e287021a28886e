import {
  ARRAY_UNIQUE,
  CONTAINS,
  EQUALS,
  IS_BOOLEAN_STRING,
  IS_DATE,
  IS_DATE_STRING,
  IS_DIVISIBLE_BY,
  IS_EMPTY,
  IS_ENUM,
  IS_IN,
  IS_IP,
  IS_NOT_EMPTY,
  IS_NOT_IN,
  IS_NUMBER_STRING,
  MATCHES,
  MAX_DATE,
  MIN_DATE,
  NOT_CONTAINS,
  NOT_EQUALS,
  ValidationTypes,
} from 'class-validator'
import type {Metadata} from '../messages/validator-plan.js'
import type {JsonSchema} from './description.js'

type Converters = Readonly<Record<string, (rule: Metadata) => JsonSchema>>

const text = (description: string) => (): JsonSchema => ({type: 'string', description})

/**
 * Rules that class-validator-jsonschema says otherwise than class-validator judges, or not at all. What no schema can say is
 * said in words; a schema must not refuse what the server takes.
 */
export const converters: Converters = {
  [ValidationTypes.CUSTOM_VALIDATION]: ({name, type}) => ({description: `checked by ${name ?? type}`}),
  [IS_ENUM]: ({constraints}) => oneOf(Object.values(constraints[0] as object)),
  [IS_IN]: ({constraints}) => oneOf(constraints[0] as unknown[]),
  [IS_NOT_IN]: ({constraints}) => noneOf(constraints[0] as unknown[]),
  [EQUALS]: ({constraints}) => oneOf([constraints[0]]),
  [NOT_EQUALS]: ({constraints}) => noneOf([constraints[0]]),
  // Of a text, not empty; anything that is no text, null and undefined excepted, is not empty.
  [IS_NOT_EMPTY]: () => ({minLength: 1}),
  [IS_EMPTY]: () => oneOf(['', null]),
  [MATCHES]: ({constraints}) => ({type: 'string', ...patternOf(constraints as [RegExp | string, string?])}),
  [CONTAINS]: ({constraints}) => ({type: 'string', pattern: escaped(constraints[0])}),
  [NOT_CONTAINS]: ({constraints}) => ({type: 'string', not: {pattern: escaped(constraints[0])}}),
  // Of objects, those that are the same one: `uniqueItems` would look into them.
  [ARRAY_UNIQUE]: () => ({type: 'array', items: {}, description: 'no two alike'}),
  // Readers of `multipleOf` differ on large numbers.
  [IS_DIVISIBLE_BY]: ({constraints}) => ({
    type: 'number',
    description: `divisible by ${String(constraints[0])}`,
  }),
  // As JSON brings it: the class makes a date of it.
  [IS_DATE]: () => ({type: 'string', format: 'date-time'}),
  [MIN_DATE]: ({constraints}) => dateWith('not before', constraints[0]),
  [MAX_DATE]: ({constraints}) => dateWith('not after', constraints[0]),
  [IS_DATE_STRING]: text('a date as ISO 8601 writes it'),
  [IS_NUMBER_STRING]: text('a number, as text'),
  [IS_BOOLEAN_STRING]: text('true or false, as text'),
  [IS_IP]: ({constraints}) => {
    const version = constraints?.[0] as string | number | undefined
    return version
      ? {type: 'string', format: `ipv${version}`}
      : {type: 'string', description: 'an IP address'}
  },
}

function oneOf(values: readonly unknown[]): JsonSchema {
  if (!values.every(isJson)) return {description: 'one of some values'}
  // An empty enum is none, by the schema of schemas.
  return values.length > 0 ? {enum: [...new Set(values)]} : {not: {}}
}

function noneOf(values: readonly unknown[]): JsonSchema {
  const said = values.filter(isJson)
  return said.length > 0 ? {not: {enum: said}} : {}
}

function isJson(value: unknown): boolean {
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
}

function dateWith(words: string, date: unknown): JsonSchema {
  const when = date instanceof Date && !Number.isNaN(date.valueOf()) ? date.toJSON() : 'a date decided later'
  return {type: 'string', format: 'date-time', description: `${words} ${when}`}
}

/** A pattern of JSON Schema has no flags, and is read as Unicode. */
function patternOf([rule, modifiers]: readonly [RegExp | string, string?]): JsonSchema {
  const {source, flags} = new RegExp(rule, modifiers)
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

function escaped(seed: unknown): string {
  return String(seed).replaceAll(/[$()*+./?[\\\]^{|}]/g, '\\$&')
}
