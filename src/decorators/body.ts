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
  checkDto(type as Class, {what, place, groups})
  return type as Class
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
  checkDto(cls, {what, place})
  return cls
}
