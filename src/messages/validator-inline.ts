import type {ValidationArguments} from 'class-validator'
import type {Rule} from './validator-plan.js'
import {saysTheSame} from './validator-samples.js'

/** Names a value in generated code, so that the code can use what has no literal. */
export type Bind = (value: unknown) => string

/** A decorator of class-validator's that generated code can check by itself. */
interface Inline {
  /** Its default message: what has the name and the words is class-validator's own, and does what it does. */
  readonly says: string
  /** An expression that is true for a good value. */
  readonly code: (value: string, constraints: readonly unknown[], bind: Bind) => string
}

const isNumber = (v: string) => `typeof ${v} === 'number'`
const isString = (v: string) => `typeof ${v} === 'string'`

/** `undefined` and what is no number make the rule refuse everything, as class-validator's do. */
function compared(v: string, operator: string, to: unknown): string {
  return typeof to === 'number' ? `${isNumber(v)} && ${v} ${operator} ${literal(to)}` : 'false'
}

/** Of an array, against a bound of any type: class-validator compares as JavaScript does. */
function counted(v: string, operator: string, to: unknown, bind: Bind): string {
  return `Array.isArray(${v}) && ${v}.length ${operator} ${typeof to === 'number' ? literal(to) : bind(to)}`
}

function literal(value: number): string {
  return Number.isFinite(value) ? `(${value})` : value > 0 ? 'Infinity' : value < 0 ? '-Infinity' : 'NaN'
}

/** Lengths are those of validator.js: a surrogate pair, or a character with its variation selector, counts once. */
function long(v: string, min: unknown, max: unknown, bind: Bind): string {
  const bounds = [min ?? 0, max === undefined ? Number.POSITIVE_INFINITY : max]
  if (!bounds.every(bound => typeof bound === 'number' && !Number.isNaN(bound))) return ''
  const [least, most] = bounds as [number, number]
  const length = `${bind(lengthOf)}(${v})`
  // Of three units one counts at the least, and the first of all does: most text need not be looked through.
  const enough = [
    `${v}.length >= ${literal(least)}`,
    ...(least > 1 ? [`(${v}.length >= ${literal(least * 3)} || ${length} >= ${literal(least)})`] : []),
  ]
  const few = `(${v}.length <= ${literal(most)} || ${length} <= ${literal(most)})`
  return [isString(v), ...(least > 0 ? enough : []), ...(most < Number.POSITIVE_INFINITY ? [few] : [])].join(
    ' && ',
  )
}

function lengthOf(text: string): number {
  let length = text.length
  for (let index = 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    // Most text has neither low surrogates nor variation selectors.
    if (code < 0xdc00) continue
    const before = text.charCodeAt(index - 1)
    if (code <= 0xdfff && before >= 0xd800 && before <= 0xdbff) length -= 1
    else if (isSelector(code) && !isSelector(before)) length -= 1
  }
  return length
}

function isSelector(code: number): boolean {
  return code === 0xfe0e || code === 0xfe0f
}

const inlines: Readonly<Record<string, Inline>> = {
  isDefined: {
    says: '$property should not be null or undefined',
    code: v => `${v} !== undefined && ${v} !== null`,
  },
  isNotEmpty: {
    says: '$property should not be empty',
    code: v => `${v} !== '' && ${v} !== null && ${v} !== undefined`,
  },
  isString: {
    says: '$property must be a string',
    code: v => `(${isString(v)} || ${v} instanceof String)`,
  },
  isBoolean: {
    says: '$property must be a boolean value',
    code: v => `(typeof ${v} === 'boolean' || ${v} instanceof Boolean)`,
  },
  isInt: {says: '$property must be an integer number', code: v => `Number.isInteger(${v})`},
  isNumber: {
    says: '$property must be a number conforming to the specified constraints',
    code: (v, [options]) => (isEmptyObject(options) ? `Number.isFinite(${v})` : ''),
  },
  isDate: {
    says: '$property must be a Date instance',
    code: v => `${v} instanceof Date && !Number.isNaN(${v}.getTime())`,
  },
  isArray: {says: '$property must be an array', code: v => `Array.isArray(${v})`},
  isObject: {
    says: '$property must be an object',
    code: v =>
      `${v} !== null && (typeof ${v} === 'object' || typeof ${v} === 'function') && !Array.isArray(${v})`,
  },
  isEnum: {
    says: '$property must be one of the following values: $constraint2',
    code: (v, [entity], bind) => `${bind(Object.values(entity as object))}.includes(${v})`,
  },
  isIn: {
    says: '$property must be one of the following values: $constraint1',
    code: (v, [values], bind) => (Array.isArray(values) ? `${bind(values)}.indexOf(${v}) !== -1` : ''),
  },
  isNotIn: {
    says: '$property should not be one of the following values: $constraint1',
    code: (v, [values], bind) => (Array.isArray(values) ? `${bind(values)}.indexOf(${v}) === -1` : ''),
  },
  equals: {
    says: '$property must be equal to $constraint1',
    code: (v, [to], bind) => `${v} === ${bind(to)}`,
  },
  notEquals: {
    says: '$property should not be equal to $constraint1',
    code: (v, [to], bind) => `${v} !== ${bind(to)}`,
  },
  min: {says: '$property must not be less than $constraint1', code: (v, [to]) => compared(v, '>=', to)},
  max: {says: '$property must not be greater than $constraint1', code: (v, [to]) => compared(v, '<=', to)},
  isPositive: {says: '$property must be a positive number', code: v => compared(v, '>', 0)},
  isNegative: {says: '$property must be a negative number', code: v => compared(v, '<', 0)},
  isLength: {
    says: '$property must be longer than or equal to $constraint1 characters',
    code: (v, [min, max], bind) => long(v, min, max, bind),
  },
  minLength: {
    says: '$property must be longer than or equal to $constraint1 characters',
    code: (v, [min], bind) => long(v, min, undefined, bind),
  },
  maxLength: {
    says: '$property must be shorter than or equal to $constraint1 characters',
    code: (v, [max], bind) => (max === undefined ? '' : long(v, undefined, max, bind)),
  },
  matches: {
    says: '$property must match $constraint1 regular expression',
    code: (v, [pattern, modifiers], bind) => {
      // A pattern with a position of its own keeps it between messages, as it does in class-validator.
      if (!(pattern instanceof RegExp) || modifiers !== undefined || pattern.global || pattern.sticky)
        return ''
      return `${isString(v)} && ${bind(pattern)}.test(${v})`
    },
  },
  arrayNotEmpty: {says: '$property should not be empty', code: v => `Array.isArray(${v}) && ${v}.length > 0`},
  arrayMinSize: {
    says: '$property must contain at least $constraint1 elements',
    code: (v, [min], bind) => counted(v, '>=', min, bind),
  },
  arrayMaxSize: {
    says: '$property must contain no more than $constraint1 elements',
    code: (v, [max], bind) => counted(v, '<=', max, bind),
  },
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** The names of those that can be inlined; a test holds them against class-validator. */
export const inlineNames: readonly string[] = Object.keys(inlines)

/** Whether a rule is one of class-validator's that are known here, and not another of the same name. */
export function isLibrarys(rule: Rule): boolean {
  if (!Object.hasOwn(inlines, rule.key)) return false
  return defaultMessage(rule) === `${rule.each ? 'each value in ' : ''}${inlines[rule.key]!.says}`
}

/**
 * Only where code may be generated.
 *
 * @returns an expression that checks the rule, or `undefined` if its own function must be called
 */
export function inline(rule: Rule, value: string, bind: Bind): string | undefined {
  if (!isLibrarys(rule)) return undefined
  const {code} = inlines[rule.key]!
  const constraints = rule.constraints ?? []
  const text = code(value, constraints, bind)
  if (!text) return undefined
  let agrees = agreeing.get(rule)
  if (agrees === undefined)
    agreeing.set(
      rule,
      (agrees = saysTheSame(
        rule,
        written(bind => code('v', constraints, bind)),
      )),
    )
  return agrees ? text : undefined
}

const agreeing = new WeakMap<Rule, boolean>()

/** An expression about `v` as a function. */
function written(code: (bind: Bind) => string): (value: unknown) => boolean {
  const bound: unknown[] = []
  const text = code(value => `bound[${bound.push(value) - 1}]`)
  // oxlint-disable-next-line typescript/no-implied-eval -- no text of a client is in it, and values are bound
  const test = new Function('bound', 'v', `return ${text}`) as (bound: unknown[], value: unknown) => boolean
  return value => test(bound, value)
}

function defaultMessage({constraint, constraints}: Rule): string | undefined {
  const args = {targetName: '', property: '', object: {}, value: undefined, constraints} as unknown
  try {
    return constraint.defaultMessage?.(args as ValidationArguments)
  } catch {
    return undefined
  }
}
