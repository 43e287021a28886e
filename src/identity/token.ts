import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import type {Keys} from './secret.js'

/** Seconds a token is good for; it is needed only to connect. */
export const tokenLifetime = 600

const expiryBytes = 6
const nonceBytes = 16
const macBytes = 32
const length = expiryBytes + nonceBytes + macBytes

/** base64url without padding: every character is legal in `Sec-WebSocket-Protocol` (RFC 9110, token). */
const form = /^[A-Za-z0-9_-]{72}$/

/**
 * Stateless CSRF tokens: `HMAC-SHA256(secret, session id, expiry, nonce)`, usable many times within their
 * 10 minutes and on every node that shares the secret (OWASP: signed double submit, bound to the session).
 */
export class Tokens {
  readonly #key: Buffer
  readonly #now: () => number

  /** @param now milliseconds since the epoch; tests hand in their own clock */
  constructor(keys: Keys, now: () => number = Date.now) {
    this.#key = keys.derive('token')
    this.#now = now
  }

  mint(session: string): string {
    const claim = Buffer.alloc(expiryBytes + nonceBytes)
    claim.writeUIntBE(this.#now() + tokenLifetime * 1_000, 0, expiryBytes)
    randomBytes(nonceBytes).copy(claim, expiryBytes)
    return Buffer.concat([claim, this.#mac(session, claim)]).toString('base64url')
  }

  /** Whether the token was minted for this session and still holds. Never throws; compares in constant time. */
  verify(token: string, session: string): boolean {
    if (!form.test(token)) return false
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== length) return false
    const claim = bytes.subarray(0, expiryBytes + nonceBytes)
    const genuine = timingSafeEqual(bytes.subarray(expiryBytes + nonceBytes), this.#mac(session, claim))
    return genuine && claim.readUIntBE(0, expiryBytes) > this.#now()
  }

  /** The claim has a fixed length, so session and claim cannot run into each other. */
  #mac(session: string, claim: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(claim).update(session).digest()
  }
}
