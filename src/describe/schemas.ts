import {getMetadataStorage, IS_INT, ValidationTypes} from 'class-validator'
import {targetConstructorToSchema} from 'class-validator-jsonschema'
import type {Class} from '../messages/rules.js'
import {exposedAs, typeOf} from '../messages/transformer.js'
import {metadataOf, type Metadata} from '../messages/validator-plan.js'
import {converters, schemaOfType, type Converters} from './converters.js'
import type {JsonSchema} from './description.js'

/** Of which rules a schema is made. */
export interface SchemaRules {
  readonly groups?: readonly string[] | undefined
  /** Whether fields that are not declared are refused. */
  readonly closed: boolean
}

const prefix = '#/components/schemas/'

export function refTo(name: string): JsonSchema {
  return {$ref: prefix + name}
}

/** The name of the schema that a `$ref` refers to. */
export function nameOfRef(ref: string): string {
  return ref.slice(prefix.length)
}

/** The schemas of an app's messages, each under a name of its own: two classes may be called the same. */
export class Schemas {
  readonly #names = new Map<string, string>()
  readonly #ids = new Map<Class, number>()
  readonly #schemas = new Map<string, JsonSchema>()

  get all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas)
  }

  /** @returns the name of the schema of a class; made if it is new, with those of the classes in it */
  add(cls: Class, rules: SchemaRules): string {
    const key = JSON.stringify([this.#idOf(cls), rules.closed, rules.groups ?? []])
    const known = this.#names.get(key)
    if (known) return known
    const name = this.#freeName(cls)
    this.#names.set(key, name)
    // Its place is taken before its fields are looked at: classes may contain each other.
    this.#schemas.set(name, {})
    this.#schemas.set(name, this.#schemaOf(cls, rules))
    return name
  }

  #idOf(cls: Class): number {
    if (!this.#ids.has(cls)) this.#ids.set(cls, this.#ids.size)
    return this.#ids.get(cls)!
  }

  #freeName(cls: Class): string {
    const base = cls.name.replaceAll(/\W/g, '_') || 'Message'
    let name = base
    for (let count = 2; this.#schemas.has(name); count += 1) name = `${base}${count}`
    return name
  }

  #schemaOf(cls: Class, rules: SchemaRules): JsonSchema {
    const metadata = metadataOf(cls, rules.groups)
    const storage = getMetadataStorage()
    const {properties, required} = targetConstructorToSchema(cls, {
      classValidatorMetadataStorage: Object.assign(Object.create(storage) as typeof storage, {
        getTargetValidationMetadatas: () => asOwn(cls, metadata),
      }),
      refPointerPrefix: prefix,
      additionalConverters: asTyped({
        ...converters,
        [ValidationTypes.NESTED_VALIDATION]: one => this.#nested(cls, one.propertyName, rules, metadata),
      }),
    }) as JsonSchema
    const named = Object.entries(properties ?? {}).map(([name, schema]): [string, JsonSchema] => [
      exposedAs(cls, name),
      says(schema) ? schema : {...schemaOfType(designType(cls, name)), ...schema},
    ])
    return {
      type: 'object',
      properties: Object.fromEntries(named),
      ...(required && {required: required.map(name => exposedAs(cls, name))}),
      ...(rules.closed && {additionalProperties: false}),
    }
  }

  /** The library knows lists by `{each: true}` alone, and calls classes by names that two may have. */
  #nested(cls: Class, property: string, rules: SchemaRules, metadata: readonly Metadata[]): JsonSchema {
    const item = this.#item(cls, property, rules)
    const declared = designType(cls, property)
    if (declared === Map) return {type: 'object', additionalProperties: item}
    const isEach = metadata.some(one => isNested(one) && one.propertyName === property && one.each)
    return isEach || declared === Array || declared === Set ? {type: 'array', items: item} : item
  }

  #item(cls: Class, property: string, rules: SchemaRules): JsonSchema {
    const of = typeOf(cls, property)
    if (of?.oneOf) return {oneOf: of.oneOf.map(type => refTo(this.add(type, rules)))}
    return typeof of?.to === 'function' ? refTo(this.add(of.to, rules)) : {type: 'object'}
  }
}

/** The library's type of a schema is a mutable one. */
function asTyped(all: Converters): JsonSchemaOptions['additionalConverters'] {
  return all as JsonSchemaOptions['additionalConverters']
}

type JsonSchemaOptions = Required<NonNullable<Parameters<typeof targetConstructorToSchema>[1]>>

/**
 * The rules as if the class itself had declared what it inherits. A whole number comes last: `@Min()` says `number`, and
 * what is said later counts.
 */
function asOwn(cls: Class, metadata: readonly Metadata[]): Metadata[] {
  const own = metadata.map(one => Object.assign({}, one, {target: cls, each: one.each && !isNested(one)}))
  const fields = [...new Set(own.map(one => one.propertyName))]
  return own.toSorted(
    (a, b) =>
      fields.indexOf(a.propertyName) - fields.indexOf(b.propertyName) ||
      Number(a.name === IS_INT) - Number(b.name === IS_INT),
  )
}

function isNested({type}: Metadata): boolean {
  return type === ValidationTypes.NESTED_VALIDATION
}

function designType(cls: Class, property: string): unknown {
  return Reflect.getMetadata('design:type', cls.prototype as object, property)
}

/** Whether a schema says what a value is. */
function says({type, $ref, enum: values, anyOf, oneOf}: JsonSchema): boolean {
  return [type, $ref, values, anyOf, oneOf].some(one => one !== undefined)
}
