import type {DescribedRoute, Description, JsonSchema, Shape} from './description.js'
import {nameOfRef} from './schemas.js'

/** The app's WebSocket routes as a TypeScript contract, for `createClient<Contract>()`. */
export function typesOf({routes, schemas}: Description): string {
  const sockets = routes.filter(({kind}) => kind === 'ws')
  const classes = Object.entries(schemas).map(
    ([name, schema]) => `export interface ${name} ${fields(schema, 0)}\n`,
  )
  return [
    '// Written by `candy types`; the next run writes it anew.\n',
    `export interface Contract ${block(sockets.map(route), 0)}\n`,
    ...classes,
  ].join('\n')
}

function route({path, params, messages}: DescribedRoute): string {
  const unknown = block(['[type: string]: {body: unknown; reply: unknown}'], 2)
  const takes = messages?.takes.flatMap(({type, body, reply}) =>
    type === null ? [] : `${key(type)}: {body: ${ofBody(body)}; reply: ${reply ? ofReply(reply) : 'never'}}`,
  )
  const sends = messages?.sends.map(({type, body}) => `${key(type)}: ${ofReply(body)}`)
  return `${key(path)}: ${block(
    [
      `params: {${params.map(name => `${name}: string`).join('; ')}}`,
      `takes: ${takes ? block(takes, 2) : unknown}`,
      `sends: ${sends?.length ? block(sends, 2) : '{[type: string]: unknown}'}`,
    ],
    1,
  )}`
}

/** A message without fields needs no object for them. */
function ofBody(shape: Shape): string {
  return shape.is === 'empty' ? 'undefined' : ofReply(shape)
}

function ofReply(shape: Shape): string {
  return shape.is === 'class' ? shape.schema : 'unknown'
}

/** The fields of a class, one a line, with what its rules say of them. */
function fields({properties = {}, required = [], additionalProperties}: JsonSchema, depth: number): string {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?'
    return `${comment(schema, depth + 1)}${key(name)}${optional}: ${typeOf(schema, depth + 1)}`
  })
  const others = typeof additionalProperties === 'object' ? additionalProperties : undefined
  return block(others ? [...lines, `[key: string]: ${typeOf(others, depth + 1)}`] : lines, depth)
}

function typeOf(schema: JsonSchema, depth: number): string {
  const {$ref, type, items, properties, additionalProperties} = schema
  if ($ref !== undefined) return nameOfRef($ref) ?? 'unknown'
  if (schema.enum) return either(schema.enum.map(literal))
  if (schema.not && Object.keys(schema.not).length === 0) return 'never'
  const alternatives = schema.oneOf ?? schema.anyOf
  if (alternatives) return either(alternatives.map(one => typeOf(one, depth)))
  if (type === 'array') return listOf(typeOf(items ?? {}, depth))
  if (type === 'object' && (properties || typeof additionalProperties === 'object'))
    return fields(schema, depth)
  return plain.get(type) ?? 'unknown'
}

function either(types: readonly string[]): string {
  return [...new Set(types)].join(' | ') || 'never'
}

function listOf(type: string): string {
  // A bar outside of quotes and of braces makes it several types.
  return /\|/.test(type.replaceAll(/'(?:[^'\\]|\\.)*'|\{[^]*\}/g, '')) ? `(${type})[]` : `${type}[]`
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

const plain = new Map<string | undefined, string>([
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
  ['null', 'null'],
  ['object', '{[key: string]: unknown}'],
])

const told = [
  'description',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
] as const

/** What a type cannot say. */
function comment(given: JsonSchema, depth: number): string {
  const [schema = given] = given.anyOf ?? []
  const rules = told.flatMap(name => (schema[name] === undefined ? [] : `${name} ${String(schema[name])}`))
  if (schema.type === 'integer') rules.unshift('integer')
  if (rules.length === 0) return ''
  const text = rules
    .join(', ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('*/', '*\\/')
    .replace(/^description /, '')
  return `/** ${text} */\n${indent(depth)}`
}

function block(lines: readonly string[], depth: number): string {
  if (lines.length === 0) return '{}'
  return `{\n${lines.map(line => `${indent(depth + 1)}${line}\n`).join('')}${indent(depth)}}`
}

function indent(depth: number): string {
  return '  '.repeat(depth)
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
