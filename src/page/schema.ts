import type {JsonSchema} from '../describe/description.js'

export type Schemas = Readonly<Record<string, JsonSchema>>

/** A property of a class. */
export interface Property {
  readonly name: string
  readonly schema: JsonSchema
  readonly required: boolean
}

const prefix = '#/components/schemas/'

/** A schema that refers to a class. */
export function refTo(name: string): JsonSchema {
  return {$ref: prefix + name}
}

/** The class that a schema refers to. */
export function className(schema: JsonSchema): string | undefined {
  const {$ref} = besidesNull(schema) ?? schema
  return $ref?.startsWith(prefix) ? $ref.slice(prefix.length) : undefined
}

/** What a schema comes to: references followed, and what must all be true put together. */
export function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const alone = besidesNull(schema)
  if (alone) return resolve(alone, schemas)
  const name = className(schema)
  if (name !== undefined) {
    const {$ref: _, ...beside} = schema
    return {...resolve(schemas[name] ?? {}, schemas), ...beside}
  }
  if (!schema.allOf) return schema
  const {allOf, ...rest} = schema
  return allOf.map(part => resolve(part, schemas)).reduce(both, rest)
}

/** What may be left out may be `null` too; that it may, a form need not say twice. */
function besidesNull({anyOf, ...beside}: JsonSchema): JsonSchema | undefined {
  const [first, second, ...more] = anyOf ?? []
  return first && second?.type === 'null' && more.length === 0 ? {...first, ...beside} : undefined
}

function both(a: JsonSchema, b: JsonSchema): JsonSchema {
  return {
    ...a,
    ...b,
    ...((a.properties || b.properties) && {properties: {...a.properties, ...b.properties}}),
    ...((a.required || b.required) && {required: [...(a.required ?? []), ...(b.required ?? [])]}),
  }
}

/** Those that must be there first, each in the order of its class. */
export function propertiesOf(schema: JsonSchema, schemas: Schemas): Property[] {
  const {properties = {}, required = []} = resolve(schema, schemas)
  const all = Object.entries(properties).map(([name, property]) => ({
    name,
    schema: property,
    required: required.includes(name),
  }))
  return [...all.filter(({required}) => required), ...all.filter(({required}) => !required)]
}

/** How a value is typed in. */
export type Kind = 'text' | 'number' | 'boolean' | 'choice' | 'object' | 'list' | 'json'

export function kindOf(schema: JsonSchema, schemas: Schemas): Kind {
  const {type, properties, items, enum: values, const: constant, anyOf, oneOf} = resolve(schema, schemas)
  if (values || constant !== undefined) return 'choice'
  if (properties) return 'object'
  if (type === 'string') return 'text'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'boolean') return 'boolean'
  if (type === 'array') return items && Object.keys(items).length > 0 ? 'list' : 'json'
  const alternatives = anyOf ?? oneOf ?? []
  if (alternatives.length > 0 && alternatives.every(each => kindOf(each, schemas) === 'text')) return 'text'
  return 'json'
}

/** A class and all that it is made of: what has to be the same for a form to be the same. */
export function closure(name: string, schemas: Schemas): Schemas {
  const found = new Map<string, JsonSchema>()
  const visit = (name: string) => {
    const schema = schemas[name]
    if (!schema || found.has(name)) return
    found.set(name, schema)
    for (const [, inner] of JSON.stringify(schema).matchAll(new RegExp(`"${prefix}([^"]+)"`, 'g')))
      visit(inner!)
  }
  visit(name)
  return Object.fromEntries(found)
}
