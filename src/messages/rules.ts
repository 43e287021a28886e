import {getMetadataStorage} from 'class-validator'

type Class = abstract new (...args: never[]) => unknown

/** Whether a class declares a message: it, or a class it extends, has class-validator rules. */
export function hasRules(candidate: unknown): candidate is Class {
  if (typeof candidate !== 'function') return false
  return getMetadataStorage().getTargetValidationMetadatas(candidate, '', true, false).length > 0
}
