import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose'
import {checkOptions, checks, refuseOption, type Check} from '../options.js'
import type {AuthFunction, Identity, User} from './user.js'
import type {CandyRequest} from '../handshake/request.js'

/** The claims of a verified token (RFC 7519, section 4). */
export type Claims = JWTPayload

export interface BearerOptions {
  /** The secret that signs the tokens, at least 32 characters; or give `jwks`. */
  secret?: string
  /**
   * Where the public keys are published, as an https URL, or the key set itself (RFC 7517). What was fetched is kept for 10
   * minutes, and fetched again for a key id that is not in it, at most every 30 seconds.
   */
  jwks?: string | URL | JSONWebKeySet
  /** Who must have issued the token (`iss`). Default: not checked. */
  issuer?: string | string[]
  /** Whom the token must be meant for (`aud`). Default: not checked. */
  audience?: string | string[]
  /** Accepted signature algorithms. Default: `['HS256']` with a secret, every asymmetric one with `jwks`. */
  algorithms?: string[]
  /** Milliseconds that clocks may differ. Default 5,000. */
  clockTolerance?: number
  /** Where the token stands. Default: the `Authorization: Bearer` header (RFC 6750), which no browser's WebSocket sends. */
  token?: (request: CandyRequest) => string | undefined
  /** Makes the user of the claims, or `null`. Default: the claims with `sub` as `id`. */
  user?: (claims: Claims, request: CandyRequest) => User | null | Promise<User | null>
}

/** Milliseconds. */
const usualTolerance = 5_000

const symmetric = ['HS256', 'HS384', 'HS512']
const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

const jwksCheck: Check = value => {
  const isUrl = (typeof value === 'string' || value instanceof URL) && URL.canParse(String(value))
  const sound = isUrl ? /^https?:/i.test(String(value)) : isKeySet(value)
  return sound ? undefined : 'the https URL of a key set, or the set'
}

function isKeySet(value: unknown): boolean {
  try {
    createLocalJWKSet(value as JSONWebKeySet)
    return true
  } catch {
    return false
  }
}

const oneOrMore: Check = value => {
  const list = Array.isArray(value) ? value : [value]
  return list.length > 0 && list.every(one => typeof one === 'string')
    ? undefined
    : 'a string or a list of strings'
}

const optionChecks = {
  secret: value => (typeof value === 'string' && value.length >= 32 ? undefined : 'at least 32 characters'),
  jwks: jwksCheck,
  issuer: oneOrMore,
  audience: oneOrMore,
  algorithms: value => checks.array(value) ?? oneOrMore(value),
  clockTolerance: checks.time,
  token: checks.function,
  user: checks.function,
} satisfies Record<keyof BearerOptions, Check>

/**
 * An `auth` that verifies JSON Web Tokens. A connection ends with 4001 when its token expires.
 *
 * @example createApp({auth: bearer({jwks: 'https://id.example/.well-known/jwks.json', audience: 'chat'})})
 * @throws BootError `INVALID_OPTION`
 */
export function bearer(options: BearerOptions): AuthFunction {
  checkOptions(options, optionChecks, 'bearer()', 'bearer')
  if ((options.secret === undefined) === (options.jwks === undefined))
    refuseOption(
      'bearer()',
      'bearer() takes a secret or a key set, one of them',
      'Write bearer({secret}) or bearer({jwks}).',
    )
  checkAlgorithms(options)
  const {token = authorization, user = subject, clockTolerance = usualTolerance} = options
  const verify = verifier(options)

  const identify = async (request: CandyRequest): Promise<Identity | null> => {
    const text = token(request)
    const claims = text ? await verify(text) : undefined
    const found = claims && (await user(claims, request))
    return found ? {user: found, expires: expiryOf(claims, clockTolerance)} : null
  }
  const fn: AuthFunction = async request => (await identify(request))?.user ?? null
  return Object.assign(fn, {identify})
}

/**
 * A key set must not be used with HS256 and the like: a public key taken for the shared secret would let everybody sign
 * tokens (RFC 8725, section 3.1).
 */
function checkAlgorithms({secret, algorithms = []}: BearerOptions): void {
  const fitting = secret === undefined ? asymmetric : symmetric
  const unfit = algorithms.filter(one => !fitting.includes(one))
  if (unfit.length > 0)
    refuseOption(
      'bearer()',
      `bearer() cannot verify ${unfit.join(', ')} by ${secret === undefined ? 'a key set' : 'a secret'}`,
      `It takes ${fitting.join(', ')}.`,
    )
}

/** A token that has expired already was let in by the clock tolerance alone, so it holds until that is over too. */
function expiryOf({exp}: Claims, tolerance: number): number | undefined {
  if (exp === undefined) return undefined
  return exp * 1_000 > Date.now() ? exp * 1_000 : exp * 1_000 + tolerance
}

/** A token that does not verify means nobody. Keys that cannot be fetched are our fault: that throws, and is logged. */
function verifier(options: BearerOptions): (token: string) => Promise<Claims | undefined> {
  const {jwks, issuer, audience, clockTolerance = usualTolerance} = options
  const keys = jwks === undefined ? sharedKey(options.secret) : keySet(jwks)
  const rules = {
    algorithms: options.algorithms ?? (jwks === undefined ? ['HS256'] : asymmetric),
    clockTolerance: clockTolerance / 1_000,
    ...(issuer !== undefined && {issuer}),
    ...(audience !== undefined && {audience}),
  }
  return async token => {
    try {
      return (await jwtVerify(token, keys, rules)).payload
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyByAny(error, token, rules)
      if (error instanceof errors.JOSEError && !isOurs(error)) return undefined
      throw error
    }
  }
}

/** A token without a key id may fit several keys: some issuers publish the old and the new key while they rotate them. */
async function verifyByAny(
  keys: AsyncIterable<CryptoKey>,
  token: string,
  rules: JWTVerifyOptions,
): Promise<Claims | undefined> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, rules)).payload
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
  return undefined
}

function isOurs(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  )
}

function sharedKey(secret: string | undefined): JWTVerifyGetKey {
  const key = new TextEncoder().encode(secret)
  return async () => key
}

function keySet(jwks: string | URL | JSONWebKeySet): JWTVerifyGetKey {
  if (typeof jwks === 'string' || jwks instanceof URL) return createRemoteJWKSet(new URL(jwks))
  return createLocalJWKSet(jwks)
}

function authorization(request: CandyRequest): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(request.header('authorization') ?? '')?.[1]
}

/** `sub` is a string in RFC 7519, but some issuers write a number. */
function subject(claims: Claims): User | null {
  const {sub} = claims as {sub?: unknown}
  const isId = typeof sub === 'number' || (typeof sub === 'string' && sub !== '')
  return isId ? {...claims, id: sub} : null
}
