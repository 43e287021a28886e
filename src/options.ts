import {bootError, Problems} from './errors.js'

/** Node's timers fire at once above this (2^31 - 1 ms, 24.8 days); `ws` reads larger sizes as negative. */
export const maxInt32 = 2 ** 31 - 1

/** Says what it expects when the value is not it; `undefined` when all is well. */
export type Check = (value: unknown) => string | undefined

const expects =
  (what: string, holds: (value: unknown) => boolean): Check =>
  value =>
    holds(value) ? undefined : what

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0
const isTime = (value: unknown) => isCount(value) && (value as number) <= maxInt32
const isExactOrigin = (value: unknown) => {
  if (typeof value !== 'string') return false
  try {
    return new URL(value).origin === value && value !== 'null'
  } catch {
    return false
  }
}

export const checks = {
  boolean: expects('true or false', value => typeof value === 'boolean'),
  string: expects('a string', value => typeof value === 'string'),
  host: expects('a host name or an address', value => typeof value === 'string' && value !== ''),
  function: expects('a function', value => typeof value === 'function'),
  class: expects('a class', value => typeof value === 'function'),
  array: expects('an array', Array.isArray),
  strings: expects(
    'a list of strings',
    value => Array.isArray(value) && value.every(one => typeof one === 'string'),
  ),
  object: expects('an object', value => typeof value === 'object' && value !== null && !Array.isArray(value)),
  count: expects('a positive whole number', isCount),
  port: expects('a whole number from 0 to 65535', value =>
    Number.isInteger(value) ? (value as number) >= 0 && (value as number) <= 65_535 : false,
  ),
  time: expects('milliseconds from 1 to 2147483647', isTime),
  size: expects("a positive whole number or 'off'", value => value === 'off' || isCount(value)),
  timeLimit: expects(
    "milliseconds from 1 to 2147483647, or 'off'",
    value => value === 'off' || isTime(value),
  ),
  origins: expects(
    "'*' or a list of exact origins such as 'https://app.example'",
    value => value === '*' || (Array.isArray(value) && value.every(isExactOrigin)),
  ),
  oneOf: (...allowed: readonly string[]): Check =>
    expects(allowed.map(name => `'${name}'`).join(' or '), value => allowed.includes(value as string)),
} as const

/** What an object of options takes, by name; a table in it is an option that holds options. */
export interface OptionTable {
  readonly [name: string]: Check | OptionTable
}

/**
 * Judges an options object against a table of names and checks.
 *
 * @throws BootError with every unknown name and wrong value, at `place`.
 */
export function checkOptions(given: unknown, table: OptionTable, place: string, of: string): void {
  if (checks.object(given))
    throw bootError(
      'INVALID_OPTION',
      place,
      `the options of ${of} are ${show('', given)} and no object`,
      `It takes an object of ${Object.keys(table).join(', ')}.`,
    )
  const problems = new Problems()
  for (const [name, value] of Object.entries(given as object)) {
    const check = Object.hasOwn(table, name) ? table[name] : undefined
    if (!check) {
      problems.keep(
        bootError(
          'INVALID_OPTION',
          place,
          `unknown option '${name}' of ${of}`,
          `It takes ${Object.keys(table).join(', ')}.`,
        ),
      )
    } else if (value !== undefined) {
      problems.collect(() => checkOption(value, check, place, of, name))
    }
  }
  problems.throwIfAny()
}

function checkOption(
  value: unknown,
  check: Check | OptionTable,
  place: string,
  of: string,
  name: string,
): void {
  if (typeof check === 'object') return checkOptions(value, check, place, `the ${name} of ${of}`)
  const wanted = check(value)
  if (wanted)
    throw bootError(
      'INVALID_OPTION',
      place,
      `the option '${name}' of ${of} is ${show(name, value)}`,
      `It takes ${wanted}.`,
    )
}

/** Secrets and long values stay out of error texts. */
function show(name: string, value: unknown): string {
  if (name === 'secret') return 'not usable'
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (typeof value === 'string' && value.length <= 40) return `'${value}'`
  return Array.isArray(value) ? 'a list with something else in it' : `of type ${typeof value}`
}

export function refuseOption(place: string, message: string, remedy: string): never {
  throw bootError('INVALID_OPTION', place, message, remedy)
}
