import {bootError, Problems} from './errors.js'

/** A bound on what one peer may cost; `'off'` takes the bound away. Sizes are bytes, times milliseconds. */
export type Limit = number | 'off'

export interface Limits {
  /** Largest message, after reassembly. Default 64 KiB; exceeded: close 1009. */
  maxPayload: Limit
  /** Most fragments in one message. Default 256; exceeded: close 1008. */
  maxFragments: Limit
  /** Messages held while a handler runs, before reading pauses. Default 64; nothing is dropped. */
  maxPending: Limit
  /** Bytes held while a handler runs, before reading pauses. Default 256 KiB; nothing is dropped. */
  maxPendingBytes: Limit
  /** How long a peer may take to answer a close frame before its socket is cut. Default 2 s. */
  closeTimeout: Limit
  /** How long auth and middleware may take over one handshake. Default 10 s; exceeded: HTTP 503. */
  upgradeTimeout: Limit
  /** How long the handling of one message may take. Default 30 s; exceeded: error frame `TIMEOUT`, and the next one's turn. */
  handlerTimeout: Limit
  /** Longest request target. Default 2048; exceeded: HTTP 414. App-wide only. */
  maxUrl: Limit
  /** Largest body of a `post`. Default 100 KiB; exceeded: HTTP 413. */
  maxBody: Limit
}

export const defaultLimits: Readonly<Limits> = Object.freeze({
  maxPayload: 64 * 1024,
  maxFragments: 256,
  maxPending: 64,
  maxPendingBytes: 256 * 1024,
  closeTimeout: 2_000,
  upgradeTimeout: 10_000,
  handlerTimeout: 30_000,
  maxUrl: 2_048,
  maxBody: 100 * 1024,
})

/** Limits over others; one that is `undefined` is not given, and must not take the bound away. */
export function limitsOver(base: Readonly<Limits>, given: Partial<Limits> = {}): Limits {
  const entries = Object.entries(given).filter(([, limit]) => limit !== undefined)
  return {...base, ...(Object.fromEntries(entries) as Partial<Limits>)}
}

/** Node's timers fire at once above this (2^31 - 1 ms, 24.8 days); `ws` reads larger sizes as negative. */
export const maxInt32 = 2 ** 31 - 1

/** A limit as a number to compare with. */
export function bound(limit: Limit): number {
  return limit === 'off' ? Number.POSITIVE_INFINITY : limit
}

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

export const limitChecks: Readonly<Record<keyof Limits, Check>> = {
  maxPayload: checks.size,
  maxFragments: checks.size,
  maxPending: checks.size,
  maxPendingBytes: checks.size,
  closeTimeout: checks.timeLimit,
  upgradeTimeout: checks.timeLimit,
  handlerTimeout: checks.timeLimit,
  maxUrl: checks.size,
  maxBody: checks.size,
}

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
