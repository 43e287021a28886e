import type {JsonSchema} from '../describe/description.js'
import {className, resolve, type Schemas} from './schema.js'

/** What a value is, in words: `string`, `list of Line`, `"red" or "blue"`. */
export function typeWords(schema: JsonSchema, schemas: Schemas): string {
  const name = className(schema)
  if (name !== undefined) return name
  const {type, items, additionalProperties: others, ...rest} = resolve(schema, schemas)
  const {enum: values, const: constant, anyOf, oneOf, title} = rest
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return either(values.map(value => JSON.stringify(value)))
  if (type === 'array') return items && hasWords(items) ? `list of ${typeWords(items, schemas)}` : 'list'
  if (typeof others === 'object') return `map of ${typeWords(others, schemas)}`
  if (type !== undefined) return title ?? type
  const alternatives = anyOf ?? oneOf
  if (alternatives) return either([...new Set(alternatives.map(each => typeWords(each, schemas)))])
  return title ?? 'anything'
}

/** What is asked of a value besides its type, a rule each. */
export function ruleWords(schema: JsonSchema, schemas: Schemas): string[] {
  const resolved = resolve(schema, schemas)
  const {description, items, not} = resolved
  return [
    ...(description === undefined ? [] : [description]),
    ...formats(resolved),
    ...between(resolved.minLength, resolved.maxLength, 'character'),
    ...(resolved.pattern === undefined ? [] : [`matches \`/${resolved.pattern}/\``]),
    ...range(resolved),
    ...between(resolved.minItems, resolved.maxItems, 'item'),
    ...(resolved.uniqueItems ? ['no two alike'] : []),
    ...(not ? [`not ${notWords(not, schemas)}`] : []),
    ...(items && className(items) === undefined
      ? ruleWords(items, schemas).map(rule => `each: ${rule}`)
      : []),
  ]
}

function formats({format, anyOf, oneOf}: JsonSchema): string[] {
  const all = [format, ...(anyOf ?? oneOf ?? []).map(each => each.format)].filter(each => each !== undefined)
  return all.length > 0 ? [either(all)] : []
}

function range({minimum, maximum, exclusiveMinimum, exclusiveMaximum}: JsonSchema): string[] {
  if (minimum !== undefined && maximum !== undefined) return [`${minimum} to ${maximum}`]
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`less than ${exclusiveMaximum}`]),
  ]
}

function between(least: number | undefined, most: number | undefined, what: string): string[] {
  if (most === undefined) return least ? [`at least ${counted(least, what)}`] : []
  if (!least) return [`at most ${counted(most, what)}`]
  return [least === most ? `exactly ${counted(most, what)}` : `${least} to ${counted(most, what)}`]
}

function notWords(not: JsonSchema, schemas: Schemas): string {
  if (not.pattern !== undefined) return `matching \`/${not.pattern}/\``
  return hasWords(not) ? typeWords(not, schemas) : 'allowed'
}

/** `1 item`, `2,000 items`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

const hasWords = (schema: JsonSchema) => Object.keys(schema).length > 0

function either(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`
}
