import type {DescribedRoute} from '../describe/description.js'
import {counted} from './schema-words.js'

/** A word of the route table, and what it means. */
export interface Explained {
  readonly term: string
  readonly words: string
}

/** The guards of a route in a line, as the route table prints them. */
export function guardNames({auth, token, use}: Pick<DescribedRoute, 'auth' | 'token' | 'use'>): string[] {
  return [...(auth ? ['auth'] : []), ...(token ? ['token'] : []), ...use]
}

/** What a route asks for before its handler is called, in the order in which it is asked. */
export function explainGuards({kind, auth, token, use, options}: DescribedRoute): Explained[] {
  const isClosed = kind === 'ws' && options['refuse'] !== 'http'
  const otherwise = (code: number, status: number) => `else ${isClosed ? code : status}`
  return [
    ...(auth ? [{term: 'auth', words: `a user who is logged in, ${otherwise(4001, 401)}`}] : []),
    ...(token ? [{term: 'token', words: `a CSRF token of this session, ${otherwise(4002, 403)}`}] : []),
    ...use.map(name =>
      name === 'rate-limit'
        ? {term: name, words: `not too many from one address, ${otherwise(1013, kind === 'ws' ? 503 : 429)}`}
        : {term: name, words: `a yes of this middleware, ${otherwise(4003, 403)} or a code of its own`},
    ),
  ]
}

/** What its options say, where they differ from what every route does. */
export function explainOptions({options}: DescribedRoute): Explained[] {
  return Object.entries(options).flatMap(([term, value]) => {
    if (term === 'limits' && typeof value === 'object' && value !== null)
      return Object.entries(value).map(([limit, most]) => ({term: limit, words: limitWords(limit, most)}))
    return [{term, words: optionWords(term, value)}]
  })
}

function optionWords(option: string, value: unknown): string {
  switch (option) {
    case 'origins':
      return value === '*'
        ? 'Pages of every origin may ask.'
        : `Besides its own, pages of ${Array.isArray(value) ? value.join(', ') : String(value)} may ask.`
    case 'requireOrigin':
      return value ? 'Who sends no Origin, as programs do, is refused.' : 'Who sends no Origin passes.'
    case 'refuse':
      return value === 'http'
        ? 'A refusal is an HTTP status, which browsers do not show.'
        : 'A refusal is a close code.'
    case 'public':
      return 'Open to every page, and meant to be.'
    case 'parallel':
      return `${counted(Number(value), 'message')} of one connection may be handled at once.`
    case 'scope':
      return value === 'singleton'
        ? 'One instance serves all connections.'
        : 'Each connection has an instance.'
    case 'whitelist':
      return `Fields that no rule knows: ${String(value)}.`
    default:
      return `\`${JSON.stringify(value)}\``
  }
}

function limitWords(limit: string, most: unknown): string {
  if (most === 'off') return 'No limit.'
  const unit = limit.endsWith('Timeout') ? 'ms' : /Payload|Bytes|Body/.test(limit) ? 'bytes' : ''
  return `At most ${Number(most).toLocaleString('en')} ${unit}`.trim() + '.'
}
