import {EncryptJWT, jwtDecrypt} from 'jose'
import type {User} from './user.js'
import type {Keys} from './secret.js'

/** Milliseconds that a sealed user holds. */
export const sealLifetime = 7 * 24 * 60 * 60 * 1_000

/** What the browser keeps of a login, and cannot read or change. */
export interface Seal {
  readonly user: User
  /** The session it goes with: without that cookie it proves nothing. */
  readonly session: string
  /** When the user logged in, in milliseconds since the epoch; sliding does not move it. */
  readonly since: number
  /** Until when it holds, in milliseconds since the epoch. */
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

  /** Until when a seal made now holds, in milliseconds since the epoch. */
  static expiry(): number {
    return Date.now() + sealLifetime
  }
}

/** Base64url ends in bits that mean nothing: a text that differs in them alone was tampered with all the same. */
function isCanonical(text: string): boolean {
  return text.split('.').every(part => Buffer.from(part, 'base64url').toString('base64url') === part)
}
