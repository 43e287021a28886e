import {isProxy} from 'node:util/types'
import {
  getMetadataStorage,
  ValidationTypes,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator'
import {isTransformed, typedProperties, typeOf, type Container, type Conversion} from './transformer.js'
import {hasRules, type BodyRules, type Class} from './rules.js'

/** One constraint of a property, as class-validator would apply it. */
export interface Rule {
  /** What class-validator calls it in its errors. */
  readonly key: string
  /** To each item of an array, set or map, instead of to the value. */
  readonly each: boolean
  readonly constraints: readonly unknown[] | undefined
  readonly message: string | ((args: ValidationArguments) => string) | undefined
  readonly validateIf: Condition | undefined
  readonly constraint: ValidatorConstraintInterface
}

export type Condition = (object: object, value: unknown) => unknown

export interface Property {
  readonly name: string
  /** `@IsOptional()`: `null` and `undefined` are not looked at. */
  readonly optional: boolean
  /** `@ValidateIf()`: all of them must hold, or the property is not looked at. */
  readonly conditions: readonly Condition[]
  readonly rules: readonly Rule[]
  /** `@ValidateNested()`: what it says of a value that is neither object nor array. */
  readonly nested: Pick<Rule, 'message'> | undefined
  /** `@Type()`: what a value is made into; `undefined` if it stays as it came. */
  readonly type: {readonly to: ClassPlan | Conversion; readonly container: Container} | undefined
}

/** What class-validator and class-transformer know of a class, read once. */
export interface ClassPlan {
  readonly cls: new () => object
  readonly properties: readonly Property[]
  readonly names: ReadonlyMap<string, Property>
  /** Fields without a rule, or without one in these groups, that `@Type()` converts all the same. */
  readonly strays: ReadonlyMap<string, NonNullable<Property['type']>>
}

/** A class that only the libraries themselves can judge; the message says why, for `candy check`. */
export class NotCompilable extends Error {}

/** Because of a rule that answers later and does not say so: where everything is judged at once, it must not be asked. */
export class Asynchronous extends NotCompilable {}

/** Every class of one message, by constructor. */
export type Plans = Map<unknown, ClassPlan>

/**
 * Reads the rules of a class, and of the classes within it.
 *
 * @param plans keeps what was read: classes may contain each other
 * @throws NotCompilable
 */
export function planOf(cls: Class, rules: BodyRules, plans: Plans): ClassPlan {
  const known = plans.get(cls)
  if (known) return known
  if (isTransformed(cls)) throw new NotCompilable(`${cls.name} has @Transform, @Expose or @Exclude`)
  const sample = sampleOf(cls)
  const names = new Map<string, Property>()
  const properties: Property[] = []
  const strays = new Map<string, NonNullable<Property['type']>>()
  const plan = {cls: cls as new () => object, properties, names, strays}
  plans.set(cls, plan)
  for (const [name, metadata] of byProperty(metadataOf(cls, rules.groups))) {
    const property = readProperty(cls, sample, name, metadata, type => planOf(type, rules, plans))
    names.set(name, property)
    properties.push(property)
  }
  for (const name of typedProperties(cls)) {
    const {to, container} = typeOf(cls, name)!
    if (names.has(name)) continue
    if (container && typeof to === 'object') strays.set(name, {to, container})
    // It would be built, and judged by nobody.
    else if (rules.whitelist === 'keep')
      throw new NotCompilable(`the @Type of ${cls.name}.${name}, which has no rules, needs class-transformer`)
  }
  return plan
}

/** What a class makes when nobody gives it anything, as for every message. */
function sampleOf(cls: Class): object {
  let sample: object
  try {
    sample = new (cls as new () => object)()
  } catch {
    throw new NotCompilable(`the constructor of ${cls.name} throws`)
  }
  if (isProxy(sample) || sample.constructor !== cls)
    throw new NotCompilable(`the constructor of ${cls.name} makes something else`)
  return sample
}

/** Whether what is written to it is what is read from it, and no message has it without bringing it. */
function isField(sample: object, name: string): boolean {
  if (name in Object.prototype) return false
  const own = Object.getOwnPropertyDescriptor(sample, name)
  return own ? own.writable === true && typeof own.value !== 'function' : !(name in sample)
}

export type Metadata = ReturnType<typeof metadataOf>[number]

/** As class-validator itself selects them. JSON brings no symbols, and class-validator does not look at those. */
export function metadataOf(cls: Class, groups: readonly string[] | undefined) {
  return getMetadataStorage()
    .getTargetValidationMetadatas(cls, '', false, false, groups && [...groups])
    .filter(({propertyName}) => typeof propertyName === 'string')
}

function byProperty(metadata: readonly Metadata[]): ReadonlyMap<string, Metadata[]> {
  const groups = new Map<string, Metadata[]>()
  for (const one of metadata) {
    const group = groups.get(one.propertyName)
    if (group) group.push(one)
    else groups.set(one.propertyName, [one])
  }
  return groups
}

function readProperty(
  cls: Class,
  sample: object,
  name: string,
  metadata: readonly Metadata[],
  plan: (type: Class) => ClassPlan,
): Property {
  if (!isField(sample, name)) throw new NotCompilable(`${cls.name}.${name} is an accessor or a method`)
  const of = (type: string) => metadata.filter(one => one.type === type)
  if (of(ValidationTypes.PROMISE_VALIDATION).length > 0)
    throw new NotCompilable(`${cls.name}.${name} has @ValidatePromise`)
  const conditions = of(ValidationTypes.CONDITIONAL_VALIDATION)
  const rules = [...of(ValidationTypes.IS_DEFINED), ...of(ValidationTypes.CUSTOM_VALIDATION)]
  const nested = of(ValidationTypes.NESTED_VALIDATION).at(-1)
  const type = readType(cls, name, plan)
  if (nested && (!type || 'convert' in type.to))
    throw new NotCompilable(`${cls.name}.${name} has @ValidateNested and no @Type of a class`)
  // Left alone in these groups: built all the same, by the types of every field in it, and not judged.
  if (type && !('convert' in type.to) && !nested)
    throw new NotCompilable(`${cls.name}.${name} has no @ValidateNested in these groups`)
  return {
    name,
    optional: conditions.some(isOptional),
    conditions: conditions.filter(one => !isOptional(one)).map(one => one.constraints[0] as Condition),
    rules: rules.flatMap(one => readRules(cls, one)),
    nested,
    type,
  }
}

function isOptional({name}: Metadata): boolean {
  return name === 'isOptional'
}

function readRules(cls: Class, metadata: Metadata): Rule[] {
  const {constraintCls, propertyName} = metadata
  for (const {name, async, instance} of getMetadataStorage().getTargetValidatorConstraints(constraintCls))
    if (async || isAsync(instance, 'validate'))
      throw new (async ? NotCompilable : Asynchronous)(
        `the rule ${name} of ${cls.name}.${propertyName} is asynchronous`,
      )
  return rulesIn(metadata)
}

/** A constraint may have several names; most have one. */
export function rulesIn({type, constraintCls, each, constraints, message, validateIf}: Metadata): Rule[] {
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({name, instance}) => ({
      key: name || type,
      each,
      constraints,
      message: message as Rule['message'],
      validateIf: validateIf as Condition | undefined,
      constraint: instance,
    }))
}

function isAsync<T>(object: T, method: keyof T): boolean {
  return Object.prototype.toString.call(object[method]) === '[object AsyncFunction]'
}

function readType(cls: Class, name: string, plan: (type: Class) => ClassPlan): Property['type'] {
  const type = typeOf(cls, name)
  if (!type) return undefined
  const {to, container} = type
  if (container && typeof to === 'object') return {to, container}
  if (!container || !hasRules(to))
    throw new NotCompilable(`the @Type of ${cls.name}.${name} needs class-transformer`)
  return {to: plan(to), container}
}
