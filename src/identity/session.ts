import {createHmac} from 'node:crypto'
import {stringifySetCookie} from 'cookie'
import {randomId} from '../random.js'
import type {CandyRequest} from '../handshake/request.js'
import type {Revocations} from './revocations.js'
import {sealLifetime} from './seal.js'
import type {Keys} from './secret.js'

/** 128 random bits in base64url. */
const form = /^[A-Za-z0-9_-]{22}$/

/** `__Host-` binds the cookie to this very host: no sibling domain can set it (RFC 6265bis, section 4.1.3). */
function cookieName(secure: boolean, name: 'candy_session' | 'candy_user' = 'candy_session'): string {
  return secure ? `__Host-${name}` : name
}

/** Tells browsers apart by a random id in a cookie. The server stores nothing but what was revoked. */
export class Sessions {
  readonly #identityKey: Buffer
  readonly #revocations: Revocations

  constructor(keys: Keys, revocations: Revocations) {
    this.#identityKey = keys.derive('identity')
    this.#revocations = revocations
  }

  create(): string {
    return randomId()
  }

  /** The request's session id, if Candy may have issued it and nobody revoked it. */
  read(request: CandyRequest): string | undefined {
    const value = request.cookie(cookieName(request.secure))
    if (value === undefined || this.isMalformed(request)) return undefined
    return this.#revocations.hasSession(value) ? undefined : value
  }

  /** The value of the cookie that holds the sealed user, still encrypted. */
  sealed(request: CandyRequest): string | undefined {
    return request.cookie(cookieName(request.secure, 'candy_user'))
  }

  /** Whether the session cookie was tampered with: a form Candy never issues, or two that differ. */
  isMalformed(request: CandyRequest): boolean {
    const cookies = request.header('cookie')
    if (cookies === undefined) return false
    const name = cookieName(request.secure)
    const values = cookies
      .split(';')
      // Trimmed, as the cookie parser does it: both must see the same cookies.
      .flatMap(pair => {
        const equals = pair.indexOf('=')
        const isOurs = equals >= 0 && pair.slice(0, equals).trim() === name
        return isOurs ? [pair.slice(equals + 1).trim()] : []
      })
    return values.some(value => !form.test(value) || value !== values[0])
  }

  /** @param lasting whether the cookie outlives the browser, as the one with the sealed user does */
  setCookie(session: string, secure: boolean, lasting = false): string {
    return cookie(cookieName(secure), session, secure, lasting ? sealLifetime / 1_000 : undefined)
  }

  setSeal(text: string, secure: boolean): string {
    return cookie(cookieName(secure, 'candy_user'), text, secure, sealLifetime / 1_000)
  }

  clearSeal(secure: boolean): string {
    return cookie(cookieName(secure, 'candy_user'), '', secure, 0)
  }

  /** A public name for the session, from which its id cannot be found: part of the key by which tabs share a connection. */
  identity(session: string): string {
    return createHmac('sha256', this.#identityKey).update(session).digest('base64url').slice(0, 22)
  }
}

function cookie(name: string, value: string, secure: boolean, maxAge: number | undefined): string {
  return stringifySetCookie({
    name,
    value,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure,
    ...(maxAge !== undefined && {maxAge}),
  })
}
