import {getMetadataStorage, ValidationTypes} from 'class-validator'
import {validationMetadataArrayToSchemas} from 'class-validator-jsonschema'
import type {Class} from '../messages/rules.js'
import type {Metadata} from '../messages/validator-plan.js'
import {converters} from './converters.js'
import type {JsonSchema} from './description.js'

/** What is said of a class, rule by rule. */
export interface RuleSchemas {
  /** Of a rule by itself. */
  of(rule: Metadata): JsonSchema
  /** What `@JSONSchema` says of a property. */
  saidOf(property: string): JsonSchema
  /** What `@JSONSchema` says of the class. */
  readonly ofClass: JsonSchema
}

type Options = Required<NonNullable<Parameters<typeof validationMetadataArrayToSchemas>[1]>>

/** Before the name of what is no property: the library groups rules by the name of their property. */
const rulePrefix = '\0rule '

/**
 * Asks class-validator-jsonschema for the schema of each rule by itself: where the library puts them together, a rule
 * that is said later overwrites what one before it said.
 */
export function ruleSchemas(cls: Class, metadata: readonly Metadata[]): RuleSchemas {
  const rules = metadata.map((rule, index) =>
    Object.assign({}, rule, {
      target: cls,
      type: kindOf(rule),
      propertyName: `${rulePrefix}${index}`,
      // As class-validator has it: `@IsDefined({each: true})` speaks of the whole.
      each: rule.each && rule.type === ValidationTypes.CUSTOM_VALIDATION,
    }),
  )
  const properties = metadata.map(rule =>
    Object.assign({}, rule, {target: cls, type: ValidationTypes.WHITELIST, each: false}),
  )
  const [schema] = Object.values(
    validationMetadataArrayToSchemas([...rules, ...properties], {
      // The library's type of a schema is a mutable one.
      additionalConverters: converters as Options['additionalConverters'],
    }),
  ) as JsonSchema[]
  const {properties: said = {}, required: _, type: __, ...ofClass} = schema ?? {}
  return {
    of: rule => sound(said[`${rulePrefix}${metadata.indexOf(rule)}`] ?? {}, rule),
    saidOf: property => said[property] ?? {},
    ofClass,
  }
}

/** What class-validator calls a rule; a rule with names of its own goes by the first. */
function kindOf({type, constraintCls}: Metadata): string {
  const [constraint] = constraintCls ? getMetadataStorage().getTargetValidatorConstraints(constraintCls) : []
  return constraint?.name ?? type
}

/** Keywords that the library gets wrong for some rules: stricter than class-validator, which refuses nothing for them. */
const unsound = ['pattern', 'not', 'anyOf', 'oneOf'] as const

function sound(schema: JsonSchema, rule: Metadata): JsonSchema {
  const inner = schema.items ?? schema
  const isOurs = kindOf(rule) in converters || rule.type !== ValidationTypes.CUSTOM_VALIDATION
  if (isOurs || !unsound.some(keyword => keyword in inner)) return schema
  const kept = Object.fromEntries(
    Object.entries(inner).filter(([keyword]) => !unsound.includes(keyword as (typeof unsound)[number])),
  )
  const named: JsonSchema = {...kept, description: `checked by ${kindOf(rule)}`}
  return rule.each ? {type: 'array', items: named} : named
}
