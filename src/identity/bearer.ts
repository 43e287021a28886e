import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose'
import {checkOptions, checks, refuseOption, type Check} from '../options.js'
import type {AuthFunction, Identity, User} from './user.js'
import type {CandyRequest} from '../handshake/request.js'

/** The claims of a verified token (RFC 7519, section 4). */
export type Claims = JWTPayload

export interface BearerOptions {
  /** The secret that signs the tokens, at least 32 characters; or give `jwks`. */
  secret?: string
  /** Where the public keys are published, as an https URL, or the key set itself (RFC 7517). Keys are cached. */
  jwks?: string | URL | JSONWebKeySet
  /** Who must have issued the token. Default: anybody with the key. */
  issuer?: string | string[]
  /** Whom it must be meant for. Default: not looked at. */
  audience?: string | string[]
  /** Which signatures count. Default: `['HS256']` with a secret, every asymmetric one with `jwks`. */
  algorithms?: string[]
  /** Milliseconds that clocks may differ. Default 5,000. */
  clockTolerance?: number
  /** Where the token stands. Default: the `Authorization: Bearer` header (RFC 6750), which no browser's WebSocket sends. */
  token?: (request: CandyRequest) => string | undefined
  /** Makes the user of the claims, or `null`. Default: the claims with `sub` as `id`. */
  user?: (claims: Claims, request: CandyRequest) => User | null | Promise<User | null>
}

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
  const isSet = Array.isArray((value as JSONWebKeySet | null)?.keys)
  const isUrl = (typeof value === 'string' || value instanceof URL) && URL.canParse(String(value))
  return isSet || isUrl ? undefined : 'the URL of a key set, or the set'
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
  algorithms: oneOrMore,
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
  const {token = authorization, user = subject} = options
  const verify = verifier(options)

  const identify = async (request: CandyRequest): Promise<Identity | null> => {
    const text = token(request)
    const claims = text ? await verify(text) : undefined
    const found = claims && (await user(claims, request))
    return found ? {user: found, expires: claims.exp && claims.exp * 1_000} : null
  }
  const fn: AuthFunction = async request => (await identify(request))?.user ?? null
  return Object.assign(fn, {identify})
}

/** Only the token's own faults mean nobody; that its keys cannot be had is for the log. */
function verifier(options: BearerOptions): (token: string) => Promise<Claims | undefined> {
  const {secret, jwks, issuer, audience, clockTolerance = 5_000} = options
  const keys = jwks === undefined ? undefined : keySet(jwks)
  const shared = secret === undefined ? undefined : new TextEncoder().encode(secret)
  const rules = {
    algorithms: options.algorithms ?? (shared ? ['HS256'] : asymmetric),
    clockTolerance: clockTolerance / 1_000,
    ...(issuer !== undefined && {issuer}),
    ...(audience !== undefined && {audience}),
  }
  return async token => {
    try {
      const {payload} = keys ? await jwtVerify(token, keys, rules) : await jwtVerify(token, shared!, rules)
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError && !isOurs(error)) return undefined
      throw error
    }
  }
}

function isOurs(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  )
}

function keySet(jwks: string | URL | JSONWebKeySet) {
  if (typeof jwks === 'string' || jwks instanceof URL) return createRemoteJWKSet(new URL(jwks))
  return createLocalJWKSet(jwks)
}

function authorization(request: CandyRequest): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(request.header('authorization') ?? '')?.[1]
}

function subject(claims: Claims): User | null {
  return claims.sub === undefined || claims.sub === '' ? null : {...claims, id: claims.sub}
}
