import {checks, type OptionTable} from '../options.js'
import {misshapen, Refusal} from './refusal.js'
import type {Class, Whitelist} from './rules.js'
import {anyShape, shapeFault} from './shape.js'
import {bodyCheck, type BodyCheck} from './validator.js'

/** How a handler means the class of its body. */
export interface BodyOptions {
  /** `false`: the class has no rules, and is meant to: the body comes as parsed. Default `true`. */
  validate?: boolean
  /** Judges by the rules of these groups, and those marked `always`. Default: all rules. */
  groups?: readonly string[]
}

export const bodyOptionChecks = {
  validate: checks.boolean,
  groups: checks.strings,
} satisfies Record<keyof BodyOptions, OptionTable[string]>

/** What compilers emit for types that are no classes of the author's, and such types themselves. */
const builtIn = new Set<unknown>([
  undefined,
  Object,
  Function,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Date,
  Promise,
  Array,
  Map,
  Set,
  Buffer,
  Uint8Array,
  ArrayBuffer,
])

/** Whether a type says nothing of what is in a message. */
export function isBuiltIn(type: unknown): boolean {
  return builtIn.has(type)
}

/** The check of a body that no class judges: sound in form, and as parsed. */
const asParsed: BodyCheck = {
  judge: (message, _traced, limits) => shapeFault(message, limits) ?? message,
  judgeNow: message => shapeFault(message, anyShape) ?? message,
}

/** The check of a typed message's body. */
export function checkOf(
  cls: Class | undefined,
  whitelist: Whitelist,
  {validate, groups}: BodyOptions = {},
): BodyCheck {
  if (validate === false || isBuiltIn(cls)) return asParsed
  return bodyCheck(cls!, {whitelist, groups})
}

const refFault = misshapen('ref', 'ref must be a finite number or a string of at most 64 characters')

/** What is wrong with the envelope of a message that somebody takes by its type. */
export function envelopeFault({badRef}: {readonly badRef: boolean}): Refusal | undefined {
  return badRef ? refFault : undefined
}
