import {hkdfSync, randomBytes} from 'node:crypto'
import {existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {bootError} from '../errors.js'
import type {Logger} from '../log.js'

const minLength = 32

/** Derives one key per purpose, so that what is made for one purpose, such as a token, is never valid for another. */
export class Keys {
  readonly #secret: string
  constructor(secret: string) {
    this.#secret = secret
  }

  /** 32 bytes bound to a purpose (HKDF, RFC 5869). */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, 'candy-ws', purpose, 32))
  }
}

/**
 * The secret: the option, else `CANDY_SECRET`; in development one is made, logged and kept in a file, so that
 * tokens survive a reload and are valid in every worker.
 *
 * @throws BootError `MISSING_SECRET` in production, `INVALID_OPTION` if it is shorter than 32 characters
 */
export function readSecret(option: string | undefined, dir: string, log: Logger): string {
  const given = option ?? (process.env.CANDY_SECRET || undefined)
  const from = option === undefined ? 'CANDY_SECRET' : 'secret'
  if (given !== undefined) {
    if (given.length >= minLength) return given
    throw bootError(
      'INVALID_OPTION',
      from,
      `the secret has ${given.length} characters`,
      `It takes at least ${minLength}, random: openssl rand -base64 32.`,
    )
  }
  if (process.env.NODE_ENV === 'production')
    throw bootError(
      'MISSING_SECRET',
      from,
      'production has no secret',
      'Set CANDY_SECRET to at least 32 random characters, the same on every node: openssl rand -base64 32.',
    )
  return developmentSecret(dir, log)
}

let ofThisProcess: string | undefined
let hasSaidSo = false

/**
 * Gives this process the secret of others that serve the same app: they use it where none is given, and none can be kept
 * in a file.
 *
 * @param isSaid whether one of the others says so
 */
export function shareDevelopmentSecret(secret: string, isSaid: boolean): void {
  ofThisProcess = secret
  hasSaidSo = isSaid
}

function developmentSecret(dir: string, log: Logger): string {
  const file = cacheFile(dir)
  const made = () => log.info({kept: file ?? 'in memory'}, 'no CANDY_SECRET: made one for development')
  const kept = file && keep(file, made)
  if (kept) return kept
  if (!hasSaidSo) made()
  hasSaidSo = true
  return (ofThisProcess ??= randomBytes(32).toString('base64url'))
}

/** In the nearest node_modules, whose `.cache` nobody commits. */
function cacheFile(dir: string): string | undefined {
  for (let at = dir; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) return join(at, 'node_modules', '.cache', 'candy-ws', 'secret')
    if (dirname(at) === at) return undefined
  }
}

/** Reads the file, or makes it first. One of several workers wins, and the others read. */
function keep(file: string, made: () => void): string | undefined {
  try {
    if (make(file)) made()
    const secret = readFileSync(file, 'utf8')
    return secret.length >= minLength ? secret : undefined
  } catch {
    return undefined
  }
}

/** Puts a whole file in place at once: written there, it would be read while it is empty. @returns whether there was none */
function make(file: string): boolean {
  if (existsSync(file)) return false
  mkdirSync(dirname(file), {recursive: true})
  const own = `${file}-${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(own, randomBytes(32).toString('base64url'), {flag: 'wx', mode: 0o600})
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(own, {force: true})
  }
}
