/** What a client offered in `Sec-WebSocket-Protocol` (RFC 6455, section 4.2.2), taken apart. */
export interface Offer {
  /** The one Candy answers with; `undefined` if nothing fits. */
  readonly selected: string | undefined
  /** The CSRF tokens, each once; an honest client offers one. */
  readonly tokens: readonly string[]
}

/** Nothing offered. */
export const noOffer: Offer = Object.freeze({selected: undefined, tokens: []})

export const candyProtocol = 'candy.v1'
export const tokenPrefix = 'candy-token-'
const tokenCharacters = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * Reads the offer. A browser fails a handshake in which nothing it offered is selected, and the token in an
 * answer would reach proxies and logs: so `candy.v1` is selected, or what else is offered, or, only if the
 * token stands alone, the token itself.
 *
 * @returns `undefined` if the header is malformed
 */
export function readOffer(header: string | undefined): Offer | undefined {
  if (header === undefined) return noOffer
  const offered = header.split(',').map(item => item.trim())
  const tokens = new Set<string>()
  const others: string[] = []
  for (const item of offered) {
    if (item.startsWith(tokenPrefix)) tokens.add(item.slice(tokenPrefix.length))
    else if (tokenCharacters.test(item)) others.push(item)
    else return undefined
  }
  return {selected: select(others, [...tokens][0]), tokens: [...tokens]}
}

function select(others: readonly string[], token: string | undefined): string | undefined {
  if (others.includes(candyProtocol)) return candyProtocol
  if (others.length > 0) return others[0]
  const echo = token === undefined ? undefined : tokenPrefix + token
  return echo !== undefined && tokenCharacters.test(echo) ? echo : undefined
}
