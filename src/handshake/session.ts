import {createHmac} from 'node:crypto'
import {stringifySetCookie} from 'cookie'
import {randomId} from '../random.js'
import type {CandyRequest} from './request.js'
import type {Keys} from './secret.js'

/** 128 random bits in base64url. */
const form = /^[A-Za-z0-9_-]{22}$/

/** `__Host-` binds the cookie to this very host: no sibling domain can set it (RFC 6265bis, section 4.1.3). */
function cookieName(secure: boolean): string {
  return secure ? '__Host-candy_session' : 'candy_session'
}

/** Which browser this is: a random id in a cookie, nothing stored on the server. */
export class Sessions {
  readonly #identityKey: Buffer
  constructor(keys: Keys) {
    this.#identityKey = keys.derive('identity')
  }

  create(): string {
    return randomId()
  }

  /** The request's session id, if it has the form Candy issues. */
  read(request: CandyRequest): string | undefined {
    const value = request.cookie(cookieName(request.secure))
    return value !== undefined && form.test(value) ? value : undefined
  }

  /** Whether the session cookie was tampered with: a form Candy never issues, or two that differ. */
  isMalformed(request: CandyRequest): boolean {
    const cookies = request.header('cookie')
    if (cookies === undefined) return false
    const name = cookieName(request.secure)
    const values = cookies
      .split(';')
      // White space around name and value means nothing, to the parser that reads them neither.
      .flatMap(pair => {
        const equals = pair.indexOf('=')
        return pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : []
      })
    return values.some(value => !form.test(value) || value !== values[0])
  }

  setCookie(session: string, secure: boolean): string {
    return stringifySetCookie({
      name: cookieName(secure),
      value: session,
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      secure,
    })
  }

  /** A name for the session that gives nothing of it away: part of the key by which tabs share a connection. */
  identity(session: string): string {
    return createHmac('sha256', this.#identityKey).update(session).digest('base64url').slice(0, 22)
  }
}
