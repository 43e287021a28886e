import {existsSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Candy, CandyRoot} from '../candy.js'
import {bootError, type Problems} from '../errors.js'
import type {AuthOption} from '../identity/user.js'
import {trustProxyCheck, type TrustProxy} from '../handshake/request.js'
import type {Logger} from '../log.js'
import {limitChecks, type Limits} from '../limits.js'
import {checkOptions, checks, refuseOption, type Check, type OptionTable} from '../options.js'
import type {Middleware, MiddlewareClass, RouteOptions} from '../routing/route.js'
import {metricsCheck, type MetricsOptions} from '../handshake/metrics-access.js'
import type {Bus} from '../rooms/bus.js'
import {busCheck} from './bus.js'
import {isFolder} from './files.js'
import {defaultOf, loadFresh} from './load.js'

/** What `createApp()` takes; a `candy.config.{ts,js,mjs,json}` in `dir` default-exports the same. */
export interface AppOptions extends Pick<RouteOptions, 'origins' | 'requireOrigin' | 'refuse' | 'whitelist'> {
  /** The app folder: `controllers/`, `route/`, `middleware/`, `public/` in it, or under `web/`. Default: nothing is scanned. */
  dir?: string
  /** Controller classes. */
  controllers?: readonly (abstract new (...args: never[]) => object)[]
  /** Functions that declare routes on the root they receive. */
  routes?: readonly ((root: CandyRoot) => unknown)[]
  /** Middleware by name. */
  middleware?: Readonly<Record<string, Middleware<Candy> | MiddlewareClass<Candy>>>
  /** At least 32 characters, the same on every node. Default: `CANDY_SECRET`. */
  secret?: string
  /**
   * Who sent a request: a function, `bearer()`, or `{user, revalidate}` to ask again while a connection lasts. Default: the
   * user that `Candy.Auth.login()` sealed into a cookie.
   */
  auth?: AuthOption
  /** Whose `X-Forwarded-*` headers count. Default `false`. */
  trustProxy?: TrustProxy
  /** Refuse routes added after the app listens. Default `false`. */
  strict?: boolean
  /** Compress messages (RFC 7692). Default `false`: it costs 200 KiB a connection and 13 times the CPU. */
  perMessageDeflate?: boolean
  /**
   * The page at `/_candy/`, or who may see it. Default: `true` in development, else `false`; in production it wants guards,
   * and has no console.
   */
  page?: boolean | Pick<RouteOptions<Candy>, 'auth' | 'use'>
  /** Bounds on what one peer may cost. */
  limits?: Partial<Limits>
  /** Default: a line of JSON per event on stderr, and text where that is a terminal. */
  logger?: Logger
  /** Who may read `/_candy/metrics`. Default `false`: there are none. */
  metrics?: false | MetricsOptions
  /**
   * What joins this process to others that serve the same app: `'redis://...'`, `'nats://...'`, or what `redisBus()`,
   * `natsBus()` and `memoryBus()` make of a client. Default: `CANDY_BUS`, else nothing, and `false` leaves that unread.
   */
  bus?: string | Bus | false
  /** Milliseconds that a user may be gone from a room before others are told: who loads a page anew comes back. Default 5,000. */
  presenceGrace?: number
}

const loggerCheck: Check = value => {
  const complete = ['debug', 'info', 'warn', 'error'].every(
    level => typeof (value as Record<string, unknown> | null)?.[level] === 'function',
  )
  return complete ? undefined : 'a logger with debug, info, warn and error'
}

const optionChecks: OptionTable = {
  dir: checks.string,
  controllers: value =>
    checks.array(value) ??
    ((value as unknown[]).every(one => typeof one === 'function') ? undefined : 'a list of classes'),
  routes: value =>
    checks.array(value) ??
    ((value as unknown[]).every(one => typeof one === 'function') ? undefined : 'a list of functions'),
  middleware: checks.object,
  secret: checks.string,
  auth: value => {
    const isObject = checks.object(value) === undefined
    const {user, revalidate, ...rest} = (isObject ? value : {user: value}) as Record<string, unknown>
    const sound = typeof user === 'function' && Object.keys(rest).length === 0
    if (sound && (revalidate === undefined || !checks.time(revalidate))) return undefined
    return 'a function of the request, or {user: function, revalidate: milliseconds}'
  },
  origins: checks.origins,
  requireOrigin: checks.boolean,
  trustProxy: trustProxyCheck,
  refuse: checks.oneOf('close', 'http'),
  strict: checks.boolean,
  whitelist: checks.oneOf('refuse', 'strip', 'keep'),
  perMessageDeflate: checks.boolean,
  limits: limitChecks,
  logger: loggerCheck,
  metrics: metricsCheck,
  bus: busCheck,
  presenceGrace: checks.time,
  page: value => {
    const isObject = checks.object(value) === undefined
    const {auth = false, use = [], ...rest} = (isObject ? value : {}) as Record<string, unknown>
    const sound = !checks.boolean(auth) && !checks.array(use) && Object.keys(rest).length === 0
    return typeof value === 'boolean' || (isObject && sound) ? undefined : 'true, false, or {auth, use}'
  },
}

/** Judges the options; the sound ones are returned, so that boot can go on and find what else is wrong. */
export function checkAppOptions(options: AppOptions, place: string, problems: Problems): AppOptions {
  if (checks.object(options)) {
    problems.collect(() => checkOptions(options, optionChecks, place, 'createApp'))
    return {}
  }
  const sound = Object.entries(options).filter(([name, value]) =>
    problems.collect(() => {
      checkAppOption(name, value, place)
      return value !== undefined
    }),
  )
  return Object.fromEntries(sound)
}

/** @throws BootError `INVALID_OPTION` */
function checkAppOption(name: string, value: unknown, place: string): void {
  checkOptions({[name]: value}, optionChecks, place, 'createApp')
}

/** The app folder, absolute. @throws BootError if it is none */
export function appFolder(dir: string, place: string): string {
  const folder = resolve(dir)
  if (isFolder(folder)) return folder
  const remedy = 'Give the app folder: createApp({dir: import.meta.dirname}).'
  if (dir.startsWith('file:'))
    return refuseOption(place, `dir is ${dir}: it takes a path, not a URL`, 'Write import.meta.dirname.')
  if (existsSync(folder)) return refuseOption(place, `${dir} is a file, not a folder`, remedy)
  return refuseOption(place, `the folder ${dir} does not exist`, remedy)
}

/** The sound options of the folder's config file; `{}` without one. */
export async function readConfig(dir: string, problems: Problems): Promise<AppOptions> {
  try {
    return await loadConfig(dir, problems)
  } catch (error) {
    problems.keep(error)
    return {}
  }
}

async function loadConfig(dir: string, problems: Problems): Promise<AppOptions> {
  const name = ['ts', 'js', 'mjs', 'json']
    .map(extension => `candy.config.${extension}`)
    .find(file => existsSync(join(dir, file)))
  if (!name) return {}
  const config = await readConfigFile(name, dir)
  const wrong = checks.object(config)
  if (wrong) refuseOption(`${name}:1`, `${name} does not export options`, 'Write export default {...}.')
  return checkAppOptions(config as AppOptions, `${name}:1`, problems)
}

async function readConfigFile(name: string, dir: string): Promise<unknown> {
  const file = join(dir, name)
  if (!name.endsWith('.json')) return defaultOf(await loadFresh(file, dir))
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw bootError(
      'LOAD_FAILED',
      `${name}:1`,
      `is no JSON: ${(error as Error).message}`,
      'JSON takes double quotes, no comments and no trailing commas; candy.config.js takes them all.',
    )
  }
}
