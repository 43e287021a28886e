import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import {bound, defaultLimits, type Limits} from '../limits.js'
import type {Keys} from './secret.js'

const expiryBytes = 6
const nonceBytes = 16
const macBytes = 32
const length = expiryBytes + nonceBytes + macBytes

type TokenLimits = Pick<Limits, 'tokenTtl' | 'maxToken'>

/** base64url without padding: every character is legal in `Sec-WebSocket-Protocol` (RFC 9110, token). */
const form = /^[A-Za-z0-9_-]{72}$/

/**
 * Stateless CSRF tokens: `HMAC-SHA256(secret, session id, expiry, nonce)`, usable many times within their time
 * (`limits.tokenTtl`, 10 minutes) and on every node that shares the secret (OWASP: signed double submit, bound to the session).
 */
export class Tokens {
  readonly #key: Buffer
  readonly #limits: TokenLimits
  readonly #now: () => number

  /** @param now milliseconds since the epoch; tests hand in their own clock */
  constructor(keys: Keys, limits: TokenLimits = defaultLimits, now: () => number = Date.now) {
    this.#key = keys.derive('token')
    this.#limits = limits
    this.#now = now
  }

  mint(session: string): string {
    const claim = Buffer.alloc(expiryBytes + nonceBytes)
    claim.writeUIntBE(this.#expiry(this.#now()), 0, expiryBytes)
    randomBytes(nonceBytes).copy(claim, expiryBytes)
    return Buffer.concat([claim, this.#mac(session, claim)]).toString('base64url')
  }

  /** Seconds a token is good for; it is needed only to connect. */
  get lifetime(): number {
    const now = this.#now()
    return Math.floor((this.#expiry(now) - now) / 1_000)
  }

  /** Whether the token was minted for this session and still holds. Never throws; compares in constant time. */
  verify(token: string, session: string): boolean {
    return this.fault(token, session) === undefined
  }

  /** Why a token is refused. Only a genuine one is said to have expired. */
  fault(token: string, session: string): 'invalid' | 'maxToken' | 'tokenTtl' | undefined {
    if (token.length > bound(this.#limits.maxToken)) return 'maxToken'
    if (!form.test(token)) return 'invalid'
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== length) return 'invalid'
    const claim = bytes.subarray(0, expiryBytes + nonceBytes)
    const genuine = timingSafeEqual(bytes.subarray(expiryBytes + nonceBytes), this.#mac(session, claim))
    if (!genuine) return 'invalid'
    return claim.readUIntBE(0, expiryBytes) > this.#now() ? undefined : 'tokenTtl'
  }

  #expiry(now: number): number {
    return Math.min(now + bound(this.#limits.tokenTtl), 2 ** (8 * expiryBytes) - 1)
  }

  /** The claim has a fixed length, so session and claim cannot run into each other. */
  #mac(session: string, claim: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(claim).update(session).digest()
  }
}
