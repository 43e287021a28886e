import {withScheme} from './address.js'
import {decode, isObject} from './message.js'

/** What a handshake is made of. */
export interface Offer {
  readonly protocols: readonly string[]
  /** Outside a browser: cookies, and what else the caller gives. */
  readonly headers: Readonly<Record<string, string>>
  /** Whose token it is, as far as the server says. */
  readonly identity?: string
}

export interface OfferOptions {
  /** A fresh token for every connection: `true` asks the server, a function gives its own. `false`: none. */
  readonly token: boolean | (() => string | Promise<string>)
  readonly headers: Readonly<Record<string, string>>
}

/** Milliseconds that a server has to give a token. */
const tokenTimeout = 10_000

/** The server is away, or overloaded: it passes by itself. */
export class Unreachable extends Error {}

/** `candy.v1`, so that a browser can tell why it was refused, and a token. @throws Error if there is none to be had */
export async function offerFor(url: URL, options: OfferOptions, ended: AbortSignal): Promise<Offer> {
  const {token, headers} = options
  if (token === false) return {protocols: ['candy.v1'], headers}
  if (typeof token === 'function') return {protocols: protocolsWith(await token()), headers}
  return askForOffer(url, headers, ended)
}

/** What the server says of this browser: a token, and whose it is. @throws Error */
export async function askForOffer(
  url: URL,
  headers: Offer['headers'],
  ended: AbortSignal,
): Promise<Required<Offer>> {
  const address = new URL('/_candy/token', withScheme(url, 'http'))
  const init = {
    credentials: 'include',
    headers,
    signal: AbortSignal.any([ended, AbortSignal.timeout(tokenTimeout)]),
  } as const
  const unreachable = (cause: unknown): never => {
    throw new Unreachable(`${address.origin} does not answer`, {cause})
  }
  const response = await fetch(address, init).catch(unreachable)
  const {ok, status} = response
  const why = `${address.href} gives no token`
  if (status >= 500 || status === 429) throw new Unreachable(`${why}: ${status}`)
  if (!ok) throw new Error(`${why}: ${status}; a route without one wants {token: false}`)
  const said = decode(await response.text().catch(unreachable))
  // Whoever answers every address with a page does so here.
  if (!isOffered(said)) throw new Error(`${why}: it is not Candy that answers`)
  const {token, identity} = said
  return {protocols: protocolsWith(token), headers: withCookies(headers, response), identity}
}

function isOffered(said: unknown): said is {readonly token: string; readonly identity: string} {
  return isObject(said) && typeof said.token === 'string' && typeof said.identity === 'string'
}

/** A function that gives tokens may throw anything. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('There is no token', {cause: thrown})
}

function protocolsWith(token: string): readonly string[] {
  return ['candy.v1', `candy-token-${token}`]
}

/** A browser keeps its cookies itself, and shows none; elsewhere, the token is good only with the cookie it came with. */
function withCookies(headers: Offer['headers'], response: Response): Offer['headers'] {
  const set = response.headers.getSetCookie?.() ?? []
  if (set.length === 0) return headers
  const {cookie = '', ...rest} = Object.fromEntries(new Headers(headers))
  // By name: of two sessions that differ, a server believes neither.
  const cookies = new Map([...cookie.split(';'), ...set].map(one => pairOf(one)))
  return {...rest, cookie: [...cookies.values()].filter(Boolean).join('; ')}
}

function pairOf(cookie: string): [name: string, pair: string] {
  const pair = cookie.split(';')[0]!.trim()
  return [pair.split('=')[0]!, pair]
}
