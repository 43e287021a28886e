import {EncryptJWT, jwtDecrypt} from 'jose'
import type {User} from './user.js'
import type {Keys} from './secret.js'

/** Milliseconds for which a sealed user is valid. */
export const sealLifetime = 7 * 24 * 60 * 60 * 1_000

/** What a login leaves in the browser, in a cookie that the browser can neither read nor change. */
export interface Seal {
  readonly user: User
  /** The session it belongs to: it is valid only together with that session's cookie. */
  readonly session: string
  /** When the user logged in, in milliseconds since the epoch. Renewing the seal does not change it. */
  readonly since: number
  /** When it expires, in milliseconds since the epoch. */
  readonly expires: number
}

/** A browser keeps 4,096 bytes of a cookie with its name and attributes (RFC 6265, section 6.1); sealing adds a third. */
export const maxUserBytes = 2_600
const maxText = 4_096

/** Seals users into cookie values: encrypted and authenticated JWTs (JWE, `dir` with A256GCM; RFC 7516). */
export class Seals {
  readonly #key: Buffer

  constructor(keys: Keys) {
    this.#key = keys.derive('seal')
  }

  seal({user, session, since, expires}: Seal): Promise<string> {
    return new EncryptJWT({user, session, since, expires})
      .setProtectedHeader({alg: 'dir', enc: 'A256GCM'})
      .encrypt(this.#key)
  }

  /** @returns `undefined` for whatever was not sealed here, or has expired */
  async open(text: string): Promise<Seal | undefined> {
    if (text.length > maxText || !isCanonical(text)) return undefined
    try {
      const {payload} = await jwtDecrypt<Seal>(text, this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      return payload.expires > Date.now() ? payload : undefined
    } catch {
      return undefined
    }
  }

  /** When a seal made now expires, in milliseconds since the epoch. */
  static expiry(): number {
    return Date.now() + sealLifetime
  }
}

/** The last character of base64url may hold unused bits. A text that differs only in those decodes alike; refuse it too. */
function isCanonical(text: string): boolean {
  return text.split('.').every(part => Buffer.from(part, 'base64url').toString('base64url') === part)
}
