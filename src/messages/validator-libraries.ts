import {plainToInstance} from 'class-transformer'
import {validate, validateSync, type ValidationError, type ValidatorOptions} from 'class-validator'
import {maxDetails, Refusal, type Detail} from './refusal.js'
import type {BodyRules, Class} from './rules.js'
import {messageOf, nestedMessage} from './validator-message.js'
import {metadataOf, rulesIn} from './validator-plan.js'

/** Builds and judges a body with the libraries themselves: slower, and able to do all they can. */
export interface LibraryCheck {
  /** Awaits asynchronous rules. Rejects with what a transformation or a rule throws. */
  readonly judge: (fields: object) => Promise<unknown>
  /** Leaves out the rules that are registered as asynchronous; there must be no others that are. */
  readonly judgeNow: (fields: object) => unknown
}

export function libraryCheck(cls: Class, {whitelist, groups}: BodyRules): LibraryCheck {
  const options: ValidatorOptions = {
    whitelist: whitelist !== 'keep',
    forbidNonWhitelisted: whitelist === 'refuse',
    forbidUnknownValues: true,
    ...(groups && {groups: [...groups]}),
  }
  const build = (fields: object) =>
    plainToInstance(cls as new () => object, fields, groups && {groups: [...groups]})
  const outcome = (instance: object, errors: readonly ValidationError[]) =>
    errors.length > 0 ? new Refusal(details(errors)) : instance
  return {
    judge: async fields => {
      // class-transformer takes what names a type out of what it is given, and listeners have that too.
      const instance = build(structuredClone(fields))
      return outcome(instance, await validate(instance, options))
    },
    judgeNow: fields => {
      const instance = build(fields)
      return outcome(instance, validateSync(instance, options))
    },
  }
}

function details(errors: readonly ValidationError[]): readonly Detail[] {
  const found: Detail[] = []
  collect(errors, '', found)
  return found
}

/** @param owner has the property that the list is in, if the errors are of a list's items */
function collect(
  errors: readonly ValidationError[],
  prefix: string,
  found: Detail[],
  owner?: ValidationError,
): void {
  for (const error of errors) {
    const said = owner && isList(error.target) ? owner : error
    const path =
      error.property === undefined ? prefix : prefix === '' ? error.property : `${prefix}.${error.property}`
    for (const [rule, message] of Object.entries(error.constraints ?? {})) {
      if (found.length === maxDetails) return
      found.push({path, rule, message: textOf(rule, message, said, error.value)})
    }
    collect(error.children ?? [], path, found, said)
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map
}

/** Said anew: class-validator's own text may hold the value. */
function textOf(key: string, text: string, {target, property}: ValidationError, value: unknown): string {
  if (key === 'whitelistValidation' || key === 'unknownValue') return text
  const metadata = metadataOf((target as object).constructor as unknown as Class, undefined)
  const ofProperty = metadata.filter(({propertyName}) => propertyName === property)
  const rule = ofProperty.flatMap(rulesIn).findLast(one => one.key === key)
  if (rule) return messageOf(rule, target!, property, value)
  const nested = ofProperty.findLast(({type}) => type === key)
  return nestedMessage(nested?.message, target!, property, value)
}
