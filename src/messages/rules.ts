import {getMetadataStorage} from 'class-validator'

export type Class = abstract new (...args: never[]) => object

/** What happens to fields that a DTO does not declare. */
export type Whitelist = 'refuse' | 'strip' | 'keep'

/** How the messages of a class are judged. */
export interface BodyRules {
  readonly whitelist: Whitelist
  /** Rules of these groups, and those marked `always`; all rules if none are named. */
  readonly groups?: readonly string[] | undefined
}

/** The class and those it extends, nearest first. */
export function lineage(cls: object): readonly object[] {
  const classes: object[] = []
  for (
    let at = cls;
    typeof at === 'function' && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object
  )
    classes.push(at)
  return classes
}

/** Whether a class declares a message: it, or a class it extends, has class-validator rules. */
export function hasRules(candidate: unknown): candidate is Class {
  if (typeof candidate !== 'function') return false
  return getMetadataStorage().getTargetValidationMetadatas(candidate, '', true, false).length > 0
}
