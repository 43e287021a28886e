import type {ValidationArguments} from 'class-validator'
import {isThenable} from '../guard.js'
import {maxDetails, Refusal, type Detail} from './refusal.js'
import type {BodyRules, Class} from './rules.js'
import {messageOf, nestedMessage} from './validator-message.js'
import {Asynchronous, planOf, type ClassPlan, type Plans, type Property, type Rule} from './validator-plan.js'
import {contained, converted, mayKeep} from './validator-runtime.js'
import {isPlainObject} from './shape.js'

/** Fields of a message that belong to its envelope, and not to its class. */
export type Envelope = ReadonlySet<string>

/** Rules that can be checked without class-validator, which needs to be told a lot. */
export type Tests = ReadonlyMap<Rule, (value: unknown) => boolean>

/**
 * Builds and judges by reading the plan, field by field. Tells every fault; the compiled check only tells that there
 * is one. Where code may not be generated, it is all there is.
 */
export class Interpreter {
  readonly #plan: ClassPlan
  readonly #plans: Plans
  readonly #rules: BodyRules
  readonly #tests: Tests
  readonly #limit: number

  /** @param limit of faults told; after them nothing more is looked at */
  constructor(plan: ClassPlan, plans: Plans, rules: BodyRules, tests: Tests = new Map(), limit = maxDetails) {
    this.#plan = plan
    this.#plans = plans
    this.#rules = rules
    this.#tests = tests
    this.#limit = limit
  }

  /**
   * @param message of sound shape
   * @returns an instance, or a `Refusal`
   * @throws Asynchronous if a rule turns out to be asynchronous
   */
  judge(message: object, envelope: Envelope): unknown {
    const run = new Run(this.#plans, this.#rules, this.#tests, this.#limit)
    const instance = run.build(this.#plan, message, envelope)
    return run.outcome(this.#plan, instance)
  }

  /** As `judge`, of an instance that is built already. */
  explain(instance: object): unknown {
    return new Run(this.#plans, this.#rules, this.#tests, this.#limit).outcome(this.#plan, instance)
  }
}

const noEnvelope: Envelope = new Set()

/** One message being judged. */
class Run {
  readonly #details: Detail[] = []
  readonly #plans: Plans
  readonly #rules: BodyRules
  readonly #tests: Tests
  readonly #limit: number
  #unknown: Map<object, string[]> | undefined

  constructor(plans: Plans, rules: BodyRules, tests: Tests, limit: number) {
    this.#plans = plans
    this.#rules = rules
    this.#tests = tests
    this.#limit = limit
  }

  build(plan: ClassPlan, fields: object, envelope: Envelope): object {
    const instance = new plan.cls() as Record<string, unknown>
    for (const key in fields) {
      const value = (fields as Record<string, unknown>)[key]
      const property = plan.names.get(key)
      if (property) instance[key] = this.#make(property.type, value)
      else if (!envelope.has(key)) this.#take(instance, key, this.#make(plan.strays.get(key), value))
    }
    return instance
  }

  /** A field that the class does not declare. */
  #take(instance: Record<string, unknown>, key: string, value: unknown): void {
    const {whitelist} = this.#rules
    // One that is refused is there for the author's conditions to see, as it is in class-validator.
    if (whitelist !== 'strip' && mayKeep(instance, key)) instance[key] = value
    if (whitelist !== 'refuse') return
    this.#unknown ??= new Map()
    const unknown = this.#unknown.get(instance)
    if (unknown) unknown.push(key)
    else this.#unknown.set(instance, [key])
  }

  #make(type: Property['type'], value: unknown): unknown {
    if (!type) return value
    const {to, container} = type
    if ('convert' in to) return converted(value, to, container)
    return contained(
      value,
      item => (isPlainObject(item) ? this.build(to, item, noEnvelope) : item),
      container,
    )
  }

  outcome(plan: ClassPlan, instance: object): unknown {
    this.#check(plan, instance, '')
    return this.#details.length > 0 ? new Refusal(this.#details) : instance
  }

  /** Every rule of an object that was built from its fields, as class-validator applies them. */
  #check(plan: ClassPlan, object: object, path: string): void {
    if (plan.properties.length === 0)
      return this.#tell(path, 'unknownValue', 'an unknown value was passed to the validate function')
    for (const key of this.#unknown?.get(object) ?? [])
      this.#tell(join(path, key), 'whitelistValidation', `property ${key} should not exist`)
    for (const property of plan.properties) {
      if (this.#isFull) return
      this.#checkProperty(property, object, path)
    }
  }

  #checkProperty({name, optional, conditions, rules, nested}: Property, object: object, path: string): void {
    const value = (object as Record<string, unknown>)[name]
    if (optional && (value === null || value === undefined)) return
    if (conditions.length > 0 && !conditions.every(condition => condition(object, value))) return
    const first = this.#details.length
    for (const rule of rules) {
      if (rule.validateIf && !rule.validateIf(object, value)) continue
      const test = this.#tests.get(rule)
      if (!(test ? test(value) : passes(rule, object, name, value)))
        this.#tellOnce(first, join(path, name), rule.key, messageOf(rule, object, name, value))
    }
    if (!nested) return
    if (isNoObject(value))
      this.#tell(join(path, name), 'nestedValidation', nestedMessage(nested.message, object, name, value))
    else this.#checkNested(nested, value, object, name, join(path, name))
  }

  /** Of two rules of one kind on one property, class-validator tells the last. */
  #tellOnce(first: number, path: string, rule: string, message: string): void {
    for (let index = first; index < this.#details.length; index += 1)
      if (this.#details[index]!.rule === rule) return void (this.#details[index] = {path, rule, message})
    this.#tell(path, rule, message)
  }

  #checkNested(
    nested: NonNullable<Property['nested']>,
    value: unknown,
    object: object,
    name: string,
    path: string,
  ): void {
    if (this.#isFull || typeof value !== 'object' || value === null) return
    const items = itemsOf(value)
    if (!items) return this.#check(this.#planOfInstance(value), value, path)
    for (const [index, item] of items) {
      if (this.#isFull) return
      const at = join(path, String(index))
      if (isNoObject(item))
        this.#tell(at, 'nestedValidation', nestedMessage(nested.message, object, name, item))
      else this.#checkNested(nested, item, object, name, at)
    }
  }

  /** Mostly the class of `@Type()`; what a constructor or an initialiser made may be of another. */
  #planOfInstance({constructor}: object): ClassPlan {
    return planOf(constructor as unknown as Class, this.#rules, this.#plans)
  }

  get #isFull(): boolean {
    return this.#details.length >= this.#limit
  }

  #tell(path: string, rule: string, message: string): void {
    if (!this.#isFull) this.#details.push({path, rule, message})
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function isNoObject(value: unknown): boolean {
  return value !== undefined && !(value instanceof Object)
}

function itemsOf(value: object): Iterable<readonly [unknown, unknown]> | undefined {
  if (Array.isArray(value)) return value.entries()
  if (value instanceof Set) return [...value].entries()
  return value instanceof Map ? value.entries() : undefined
}

/** @throws NotCompilable for a promise, which would pass for a yes */
export function passes(rule: Rule, object: object, name: string, value: unknown): boolean {
  const args = {
    targetName: object.constructor.name,
    property: name,
    object,
    value,
    constraints: rule.constraints as unknown[],
  }
  const items = rule.each && typeof value === 'object' && value !== null ? itemsOf(value) : undefined
  const ask = (one: unknown) =>
    rule.constraint.validate(rule.key === 'isNotEmptyObject' ? countable(one) : one, args)
  if (!items) return isYes(rule, ask(value), args)
  for (const [, item] of items) if (!isYes(rule, ask(item), args)) return false
  return true
}

/** @IsNotEmptyObject calls `value.hasOwnProperty`, which would be whatever a client sent under that name. */
function countable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'hasOwnProperty')) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'hasOwnProperty'))
}

function isYes(rule: Rule, answer: unknown, {targetName, property}: ValidationArguments): boolean {
  if (!isThenable(answer)) return Boolean(answer)
  // Nobody will wait for it; a rejection must not end the process.
  Promise.resolve(answer).catch(() => {})
  throw new Asynchronous(`the rule ${rule.key} of ${targetName}.${property} is asynchronous`)
}
