import {IS_EMPTY, IS_NOT_IN, NOT_EQUALS, ValidationTypes} from 'class-validator'
import type {Class} from '../messages/rules.js'
import {exposedAs, isExcluded, typeOf} from '../messages/transformer.js'
import {metadataOf, type Metadata} from '../messages/validator-plan.js'
import {combine} from './combine.js'
import {schemaOfType} from './design-type.js'
import type {JsonSchema} from './description.js'
import {ruleSchemas, type RuleSchemas} from './rule-schemas.js'

/** Of which rules a schema is made. */
export interface SchemaRules {
  readonly groups?: readonly string[] | undefined
  /** Whether fields that are not declared are refused. */
  readonly closed: boolean
  /** The field by which this class is told from others in its place, and what it holds. */
  readonly tag?: {readonly field: string; readonly value: string}
}

const prefix = '#/components/schemas/'

export function refTo(name: string): JsonSchema {
  return {$ref: prefix + name}
}

/** The name of the schema that a `$ref` refers to; `undefined` for one of somebody else's. */
export function nameOfRef(ref: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined
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
    const key = JSON.stringify([this.#idOf(cls), rules.closed, rules.groups ?? [], rules.tag ?? null])
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
    const base = nameOf(cls)
    let name = base
    for (let count = 2; this.#schemas.has(name); count += 1) name = `${base}${count}`
    return name
  }

  #schemaOf(cls: Class, rules: SchemaRules): JsonSchema {
    const metadata = metadataOf(cls, rules.groups).filter(one => !isExcluded(cls, one.propertyName))
    const said = ruleSchemas(cls, metadata)
    const names = [...new Set(metadata.map(one => one.propertyName))]
    const defaults = defaultsOf(cls)
    const properties = names.map((name): [string, JsonSchema] => [
      exposedAs(cls, name),
      this.#property(cls, name, ofProperty(metadata, name), said, rules),
    ])
    const required = names.filter(name => isNeeded(ofProperty(metadata, name)) && !defaults.has(name))
    const {tag} = rules
    const fields = new Set([...(tag ? [tag.field] : []), ...required.map(name => exposedAs(cls, name))])
    return {
      ...said.ofClass,
      type: 'object',
      properties: {...Object.fromEntries(properties), ...(tag && {[tag.field]: {enum: [tag.value]}})},
      ...(fields.size > 0 && {required: [...fields]}),
      ...(rules.closed && {additionalProperties: false}),
    }
  }

  #property(
    cls: Class,
    name: string,
    metadata: readonly Metadata[],
    said: RuleSchemas,
    rules: SchemaRules,
  ): JsonSchema {
    const declared = designType(cls, name)
    const nested = metadata.filter(isNested)
    const all = combine([
      ...metadata.filter(one => !isNested(one)).map(one => inMap(said.of(one), one.each, declared)),
      ...(nested.length > 0 ? [this.#nested(cls, name, nested, rules)] : []),
    ])
    const whole = says(all) ? all : combine([schemaOfType(declared), all])
    // `@IsNotEmpty()` speaks of texts, whatever else the field may hold.
    const {minLength, ...rest} = whole
    const plain = minLength === undefined || whole.type === 'string' ? whole : rest
    const schema = metadata.some(isConditional) ? {anyOf: [plain, {type: 'null'}]} : plain
    return {...schema, ...said.saidOf(name)}
  }

  /** The library knows lists by `{each: true}` alone, and calls classes by names that two may have. */
  #nested(cls: Class, property: string, nested: readonly Metadata[], rules: SchemaRules): JsonSchema {
    const item = this.#item(cls, property, rules)
    const declared = designType(cls, property)
    if (declared === Map) return {type: 'object', additionalProperties: item}
    const isList = nested.some(one => one.each) || declared === Array || declared === Set
    return isList ? {type: 'array', items: item} : item
  }

  #item(cls: Class, property: string, {groups, closed}: SchemaRules): JsonSchema {
    const of = typeOf(cls, property)
    const refOf = (type: Class, tag?: SchemaRules['tag']) =>
      refTo(this.add(type, {groups, closed, ...(tag && {tag})}))
    if (of?.oneOf) {
      const {field, classes} = of.oneOf
      return {oneOf: classes.map(({value, name}) => refOf(value, {field, value: name}))}
    }
    return typeof of?.to === 'function' ? refOf(of.to) : {type: 'object'}
  }
}

/** As TypeScript and AsyncAPI both take it: words of the language, and of the contract, are left to them. */
function nameOf(cls: Class): string {
  const name = cls.name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_') || 'Message'
  return reserved.has(name) ? `${name}_` : name
}

const reserved = new Set(
  `Contract any as async await bigint boolean break case catch class const continue debugger declare default delete do
  else enum export extends false finally for function if implements import in instanceof interface let never new null
  number object package private protected public return static string super switch symbol this throw true try type
  typeof undefined unknown var void while with yield`.split(/\s+/),
)

function ofProperty(metadata: readonly Metadata[], name: string): Metadata[] {
  return metadata.filter(one => one.propertyName === name)
}

function isNested({type}: Metadata): boolean {
  return type === ValidationTypes.NESTED_VALIDATION
}

/** `@IsOptional()` and `@ValidateIf()`: it may be left out. What a condition says no schema can say. */
function isConditional({type}: Metadata): boolean {
  return type === ValidationTypes.CONDITIONAL_VALIDATION
}

/** Rules that take a field which is not there. */
const takesNothing: ReadonlySet<unknown> = new Set([IS_EMPTY, IS_NOT_IN, NOT_EQUALS])

/** Whether a message without it is refused. */
function isNeeded(metadata: readonly Metadata[]): boolean {
  if (metadata.some(isConditional)) return false
  return metadata.some(({type, name}) => type !== ValidationTypes.WHITELIST && !takesNothing.has(name))
}

/** Fields that hold something before a message says what. */
function defaultsOf(cls: Class): ReadonlySet<string> {
  try {
    const sample: object = new (cls as new () => object)()
    return new Set(Object.entries(sample).flatMap(([name, value]) => (value === undefined ? [] : [name])))
  } catch {
    // It is made from a message alone.
    return new Set()
  }
}

/** Rules for each value of a map: the library makes a list of them. */
function inMap(schema: JsonSchema, each: boolean | undefined, declared: unknown): JsonSchema {
  return each && declared === Map ? {type: 'object', additionalProperties: schema.items ?? {}} : schema
}

function designType(cls: Class, property: string): unknown {
  return Reflect.getMetadata('design:type', cls.prototype as object, property)
}

/** Whether a schema says what a value is, or that there is none. */
function says({type, $ref, enum: values, anyOf, oneOf, not}: JsonSchema): boolean {
  const isNever = not !== undefined && Object.keys(not).length === 0
  return isNever || [type, $ref, values, anyOf, oneOf].some(one => one !== undefined)
}
