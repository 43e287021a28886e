import {bootError} from '../errors.js'
import {declaresRules, isBuiltIn, type BodyOptions} from '../messages/body.js'
import {checkDto} from '../messages/dto.js'
import type {Class} from './notes.js'

/**
 * The class that judges a handler's body.
 *
 * @param what names the body, for the error
 * @returns `undefined` where the body comes as parsed: its type says nothing, or it is not to be judged
 * @throws BootError `NO_RULES`, `UNJUDGED_FIELD`
 */
export function bodyOf(
  type: unknown,
  {validate, groups}: BodyOptions,
  what: string,
  place: string,
): Class | undefined {
  if (validate === false || isBuiltIn(type)) return undefined
  return checkBody(type as Class, groups, what, place)
}

/**
 * The class of something that goes out.
 *
 * @returns `undefined` if it has no rules and is not meant to
 * @throws BootError `NO_RULES`, `UNJUDGED_FIELD`
 */
export function sentOf(
  cls: Class,
  validate: boolean | undefined,
  what: string,
  place: string,
): Class | undefined {
  if (validate === false && !declaresRules(cls)) return undefined
  return checkBody(cls, undefined, what, place)
}

/** Every class of a message, in or out, passes here. @throws BootError `NO_RULES`, `UNJUDGED_FIELD` */
function checkBody(cls: Class, groups: readonly string[] | undefined, what: string, place: string): Class {
  if (declaresRules(cls)) {
    checkDto(cls, place, groups)
    return cls
  }
  throw bootError(
    'NO_RULES',
    place,
    `${what} is a ${cls.name}, which has no validation rules: anything would pass for it`,
    'Decorate its fields with class-validator, as in @IsString() text!: string, or say that it is meant: {validate: false}.',
  )
}
