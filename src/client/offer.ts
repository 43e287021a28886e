import {withScheme} from './address.js'

/** What a handshake is made of. */
export interface Offer {
  readonly protocols: readonly string[]
  /** Outside a browser: cookies, and what else the caller gives. */
  readonly headers: Readonly<Record<string, string>>
}

export interface OfferOptions {
  /** A fresh token for every connection: `true` asks the server, a function gives its own. `false`: none. */
  readonly token: boolean | (() => string | Promise<string>)
  readonly headers: Readonly<Record<string, string>>
}

/** Milliseconds that a server has to give a token. */
const tokenTimeout = 10_000

/** `candy.v1`, so that a browser can tell why it was refused, and a token. @throws Error if there is none to be had */
export async function offerFor(url: URL, {token, headers}: OfferOptions, ended: AbortSignal): Promise<Offer> {
  if (token === false) return {protocols: ['candy.v1'], headers}
  if (typeof token === 'function') return {protocols: protocolsWith(await token()), headers}
  const response = await fetch(new URL('/_candy/token', withScheme(url, 'http')), {
    credentials: 'include',
    headers,
    signal: AbortSignal.any([ended, AbortSignal.timeout(tokenTimeout)]),
  })
  if (!response.ok)
    throw new Error(
      `${response.url} gives no token: ${response.status}; a route without one wants {token: false}`,
    )
  const fresh = (await response.json()) as {token: string}
  return {protocols: protocolsWith(fresh.token), headers: withCookies(headers, response)}
}

function protocolsWith(token: string): readonly string[] {
  return ['candy.v1', `candy-token-${token}`]
}

/** A browser keeps its cookies itself, and shows none; elsewhere, the token is good only with the cookie it came with. */
function withCookies(headers: Offer['headers'], response: Response): Offer['headers'] {
  const set = response.headers.getSetCookie?.() ?? []
  if (set.length === 0) return headers
  const {cookie = '', ...rest} = headers
  return {...rest, cookie: [cookie, ...set.map(one => one.split(';')[0]!)].filter(Boolean).join('; ')}
}
