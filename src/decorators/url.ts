import type {Candy} from '../candy.js'
import {bootError} from '../errors.js'

/** Text of the URL as a handler wants it; `undefined` if it is not that. */
export interface Conversion {
  readonly from: 'param' | 'query'
  readonly name: string
  readonly convert: (text: string) => unknown
}

/** Part of the URL, as text. */
export function readUrl(candy: Candy, from: 'param' | 'query', name: string): string | undefined {
  const {url, get} = candy.Request.data
  return from === 'param' ? url[name] : get[name]
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Compilers differ in what they emit for unions and enums: only what is surely a number or boolean converts.
 *
 * @param method whose parameter it is, for the error
 * @throws BootError `UNINJECTABLE`
 */
export function conversionTo(
  type: unknown,
  method: string,
  place: string,
): ((text: string) => unknown) | undefined {
  if (type === Number) return toNumber
  if (type === Boolean) return text => (text === 'true' ? true : text === 'false' ? false : undefined)
  if (typeof type === 'function' && type !== String && type !== Object)
    throw bootError(
      'UNINJECTABLE',
      place,
      `@Param or @Query of ${method} cannot make a ${type.name}`,
      'Take a string, number or boolean and convert it in the handler.',
    )
  return undefined
}

function toNumber(text: string): number | undefined {
  const value = decimal.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Whether the URL holds what the handlers say it does. */
export function urlConverts(candy: Candy, conversions: readonly Conversion[]): boolean {
  return conversions.every(({from, name, convert}) => {
    const text = readUrl(candy, from, name)
    return text === undefined || convert(text) !== undefined
  })
}
