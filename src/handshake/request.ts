import type {IncomingHttpHeaders} from 'node:http'
import {parseCookie} from 'cookie'
import proxyAddr from 'proxy-addr'
import {checks, type Check} from '../options.js'
import {findHeader, packHeaders} from './headers.js'
import {tokenPrefix} from './protocol.js'
import {emptyRecord} from './target.js'

/** What a request brings before it is known which route it is for. `IncomingMessage` fits as it is. */
export interface RequestHead {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly socket: {readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined}
}

/** `false`: nobody; `true`: the peer itself; addresses or CIDR ranges: the peers in them. */
export type TrustProxy = boolean | readonly string[]

/** Whether a proxy at this address, `hop` steps away, may say who the client is. */
export type Trust = (address: string, hop: number) => boolean

export const trustProxyCheck: Check = value => {
  if (typeof value === 'boolean') return undefined
  const wanted = 'true, false, or a list of addresses and CIDR ranges'
  if (checks.array(value)) return wanted
  try {
    proxyAddr.compile(value as string[])
    return undefined
  } catch {
    return wanted
  }
}

export function compileTrust(trustProxy: TrustProxy): Trust {
  if (typeof trustProxy === 'boolean') return (_address, hop) => trustProxy && hop === 0
  return proxyAddr.compile([...trustProxy])
}

/** The data of a request, by where it came from. */
export interface RequestData {
  /** Path parameters over query parameters: a path parameter always wins. */
  readonly url: Readonly<Record<string, string>>
  /** Query parameters; the first of repeated names counts. */
  readonly get: Readonly<Record<string, string>>
  /** Fields of a posted form or JSON object, files as `File`, the first of repeated names; empty on a WebSocket. */
  readonly post: Readonly<Record<string, unknown>>
}

/** `Candy.Request`: a read-only view of an HTTP request, which asks for a connection or for a page. */
export class CandyRequest {
  /** Always `GET` for a WebSocket (RFC 6455, section 4.1). */
  readonly method: string
  /** The request target as it was sent, query included. */
  readonly url: string
  readonly #peer: string
  readonly #encrypted: boolean
  readonly #trust: Trust
  readonly #params: Readonly<Record<string, string>>
  readonly #query: Readonly<Record<string, string>>
  readonly #protocols: string | undefined
  #headers: IncomingHttpHeaders | string
  #cookies: Record<string, string | undefined> | undefined
  #data: RequestData | undefined

  constructor(
    head: RequestHead,
    params: Readonly<Record<string, string>>,
    query: Readonly<Record<string, string>>,
    trust: Trust,
  ) {
    this.method = head.method ?? 'GET'
    this.url = head.url ?? '/'
    // Now, since a socket that has closed does not tell it any more.
    this.#peer = head.socket.remoteAddress ?? ''
    this.#encrypted = head.socket.encrypted === true
    this.#trust = trust
    this.#params = params
    this.#query = query
    this.#protocols = withoutTokens(head.headers['sec-websocket-protocol'])
    this.#headers = head.headers
  }

  get data(): RequestData {
    this.#data ??= {
      url: Object.assign(emptyRecord(), this.#query, this.#params),
      get: Object.assign(emptyRecord(), this.#query),
      post: emptyRecord(),
    }
    return this.#data
  }

  /** The client's address; a trusted proxy's word for it, else the peer's own. */
  get ip(): string {
    if (!this.#trusted) return this.#peer
    return forwardedAddress(this.#peer, this.header('x-forwarded-for'), this.#trust)
  }

  /** Host and port as the client named them. */
  get host(): string {
    const forwarded = this.#trusted ? lastOf(this.header('x-forwarded-host')) : undefined
    // HTTP/2 has a field of its own for it, and browsers send that alone (RFC 9113, section 8.3.1).
    return forwarded ?? this.header(':authority') ?? this.header('host') ?? ''
  }

  /** How the client came, where it is known: over TLS to us, or by a trusted proxy's word. */
  get scheme(): 'http' | 'https' | undefined {
    if (this.#encrypted) return 'https'
    // A plain socket says nothing by itself: a proxy that nobody declared may stand before it.
    const forwarded = this.#trusted ? lastOf(this.header('x-forwarded-proto')) : undefined
    // Traefik and others name a handshake's scheme `wss`: its cookies are those of the https page.
    if (forwarded === 'https' || forwarded === 'wss') return 'https'
    return forwarded === 'http' || forwarded === 'ws' ? 'http' : undefined
  }

  /** Whether the client is known to have come over TLS. */
  get secure(): boolean {
    return this.scheme === 'https'
  }

  /** A header by name, in any case. The CSRF token that may stand in `Sec-WebSocket-Protocol` is left out. */
  header(name: string): string | undefined {
    const key = name.toLowerCase()
    if (key === 'sec-websocket-protocol') return this.#protocols
    if (typeof this.#headers === 'string') return findHeader(this.#headers, key)
    const value = Object.hasOwn(this.#headers, key) ? this.#headers[key] : undefined
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** A cookie by name, decoded; the first of repeated names counts. */
  cookie(name: string): string | undefined {
    const cookies = this.header('cookie')
    if (cookies === undefined) return undefined
    this.#cookies ??= parseCookie(cookies)
    return Object.hasOwn(this.#cookies, name) ? this.#cookies[name] : undefined
  }

  /** The body was read. @internal */
  receive(post: Readonly<Record<string, unknown>>): void {
    this.#data = {...this.data, post}
  }

  /** It will be asked for as long as a connection lasts: node's object of headers is let go. @internal */
  keep(): void {
    if (typeof this.#headers !== 'string') this.#headers = packHeaders(this.#headers)
  }

  get #trusted(): boolean {
    return this.#trust(this.#peer, 0)
  }
}

function forwardedAddress(peer: string, forwarded: string | undefined, trust: Trust): string {
  const socket = {remoteAddress: peer}
  try {
    const headers = {'x-forwarded-for': withoutPorts(forwarded)}
    return proxyAddr({headers, connection: socket, socket} as never, trust)
  } catch {
    return peer
  }
}

const addressWithPort = /^(?:\[([\da-f:.]+)\](?::\d+)?|([\d.]+):\d+)$/i

/** Azure's gateway and IIS add the port: whoever is counted by address must not be somebody else with each connection. */
function withoutPorts(list: string | undefined): string | undefined {
  const entries = list?.split(',').map(entry => entry.trim())
  return entries?.map(entry => addressWithPort.exec(entry)?.slice(1).join('') ?? entry).join(',')
}

/** Of a forwarded list the nearest proxy's entry: the only one the trusted peer vouches for itself. */
function lastOf(header: string | undefined): string | undefined {
  return header?.split(',').at(-1)?.trim() || undefined
}

function withoutTokens(protocols: string | undefined): string | undefined {
  const kept = protocols
    ?.split(',')
    .map(item => item.trim())
    .filter(item => item !== '' && !item.startsWith(tokenPrefix))
  return kept && kept.length > 0 ? kept.join(', ') : undefined
}
