import {limitChecks, routeLimitChecks, type AppWideLimit, type Limits} from '../limits.js'
import {checkOptions, checks, type OptionTable} from '../options.js'
import {bootError, Problems} from '../errors.js'
import type {Class} from '../messages/rules.js'
import {parsePattern, type Pattern} from './pattern.js'
import {showSource, type Source} from './source.js'

export type RouteKind = 'ws' | 'page' | 'get' | 'post'

/** What a connection, or an HTTP request, runs. A class compiles to one of these too. */
export type Handler<C> = (candy: C) => unknown

/**
 * A guard named in `use`: a registered name, a function, or an injectable class with `handle(candy)`.
 * It says yes with `true` or `undefined`, no with `false` (4003); anything else is 4000.
 */
export type Middleware<C> = (candy: C) => unknown
export type MiddlewareClass<C> = new (...args: never[]) => {handle(candy: C): unknown}
export type MiddlewareReference<C> = string | Middleware<C> | MiddlewareClass<C>

export interface RouteOptions<C = never> {
  /** Ask for a CSRF token. Default `true`; `false` for a page. */
  token?: boolean
  /** Ask for a user. Default `false`. */
  auth?: boolean
  /** Middleware, first to last. Default none. */
  use?: readonly MiddlewareReference<C>[]
  /** More origins than the page's own, or `'*'`. Default: the app's. */
  origins?: '*' | readonly string[]
  /** Refuse requests without an `Origin`, which no browser sends. Default: the app's. */
  requireOrigin?: boolean
  /** How a refusal is told: a close code after the handshake, or an HTTP status before it. Default `'close'`. */
  refuse?: 'close' | 'http'
  /** Says that a route with users is meant to be open to every page. Default `false`. */
  public?: boolean
  /** Messages of one connection handled at once. Default 1: one at a time, in order. */
  parallel?: number
  /** One controller per connection, or one for the app. Default `'connection'`. */
  scope?: 'connection' | 'singleton'
  /** What happens to fields a DTO does not declare. Default `'refuse'`. */
  whitelist?: 'refuse' | 'strip' | 'keep'
  /** Limits of this route over those of the app. */
  limits?: Partial<Omit<Limits, AppWideLimit | 'maxBody'>>
  /**
   * By type: what a functional route takes, for whoever documents it or writes a client before one has connected.
   * `on(type, Dto, fn)` then takes these and no others. A class says it with `@OnMessage`.
   */
  takes?: Readonly<Record<string, Class | TakenOptions>>
  /**
   * By type: what a functional route sends; outside production a mismatch throws at the `send`. A class says it with
   * `@Emits`.
   */
  emits?: Readonly<Record<string, Class>>
}

/** A message that a functional route takes, and what answers it. */
export interface TakenOptions {
  /** Default: anything. */
  body?: Class
  /** Default: anything. */
  reply?: Class
  /** Groups whose rules judge the body. Default: all. */
  groups?: readonly string[]
}

/** What a page, `get` or `post` takes. */
export interface HttpRouteOptions<C = never> extends Pick<
  RouteOptions<C>,
  'token' | 'auth' | 'use' | 'origins' | 'public'
> {
  /** Limits of this route over those of the app. */
  limits?: Pick<Partial<Limits>, 'maxBody'>
}

/** A route as it was written, in either spelling; `defineRoute` judges it. */
export interface RouteDraft<C> {
  readonly kind: RouteKind
  readonly path: unknown
  readonly handler: unknown
  readonly options: unknown
  /** What the chain or the class decorators said, before the options' own `use`. */
  readonly use: readonly MiddlewareReference<C>[]
  readonly auth: boolean
  readonly source: Source | undefined
}

/** What of the options stands beside them in the table, or in the handler. */
type Beside = 'token' | 'auth' | 'use' | 'takes' | 'emits'

/** One row of the table: frozen data, equal for equal declarations apart from `handler` and `source`. */
export interface RouteDefinition<C = never> {
  readonly kind: RouteKind
  readonly path: string
  readonly params: readonly string[]
  readonly token: boolean
  readonly auth: boolean
  readonly use: readonly MiddlewareReference<C>[]
  /** What else was given, without defaults; `{}` if nothing. */
  readonly options: Readonly<Omit<RouteOptions<C>, Beside | 'limits'>> & {
    readonly limits?: Partial<Omit<Limits, AppWideLimit>>
  }
  readonly handler: Handler<C>
  /** `file:line`, relative to the app folder. */
  readonly source: string
}

const httpOptionChecks = {
  token: checks.boolean,
  auth: checks.boolean,
  use: checks.array,
  origins: checks.origins,
  public: checks.boolean,
  limits: {maxBody: limitChecks.maxBody},
} satisfies Record<keyof HttpRouteOptions, OptionTable[string]>

const optionChecks = {
  ...httpOptionChecks,
  requireOrigin: checks.boolean,
  refuse: checks.oneOf('close', 'http'),
  parallel: checks.count,
  scope: checks.oneOf('connection', 'singleton'),
  whitelist: checks.oneOf('refuse', 'strip', 'keep'),
  limits: routeLimitChecks,
} satisfies Record<Exclude<keyof RouteOptions, 'takes' | 'emits'>, OptionTable[string]>

const defaults: Readonly<Record<string, unknown>> = {
  requireOrigin: false,
  refuse: 'close',
  public: false,
  parallel: 1,
  scope: 'connection',
  whitelist: 'refuse',
}

/**
 * The only maker of routes: fills defaults, normalises the path, refuses nonsense naming its place, freezes.
 *
 * @param ofApp what the app says where a route says nothing, over the defaults
 * @throws BootError with every fault of the draft
 */
export function defineRoute<C>(
  draft: RouteDraft<C>,
  dir: string,
  ofApp: Pick<RouteOptions, 'requireOrigin' | 'refuse' | 'whitelist'> = {},
): {route: RouteDefinition<C>; pattern: Pattern} {
  const place = showSource(draft.source, dir)
  const problems = new Problems()
  const pattern = problems.collect(() => parsePattern(draft.path, place))
  const options = problems.collect(() => readOptions<C>(draft, place))
  problems.collect(() => checkHandler(draft, place))
  const use = [...draft.use, ...(options?.use ?? [])]
  for (const guard of use) problems.collect(() => checkMiddleware(guard, place))
  problems.throwIfAny()

  const {token = draft.kind !== 'page', auth = false, use: _, ...rest} = options!
  const route: RouteDefinition<C> = {
    kind: draft.kind,
    path: pattern!.path,
    params: pattern!.params,
    token,
    auth: draft.auth || auth,
    use,
    options: withoutDefaults(rest, {...defaults, ...ofApp}),
    handler: draft.handler as Handler<C>,
    source: place,
  }
  return {route: deepFreeze(route), pattern: pattern!}
}

/** Those that `declareMessages` has not taken. */
type DefinedOptions<C> = Omit<RouteOptions<C>, 'takes' | 'emits'>

function readOptions<C>({kind, options: given}: RouteDraft<C>, place: string): DefinedOptions<C> {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw bootError(
      'INVALID_OPTION',
      place,
      'the options of a route are no object',
      'Write {token: false} or leave them out.',
    )
  if (kind === 'ws') checkOptions(given, optionChecks, place, 'a route')
  else checkOptions(given, httpOptionChecks, place, `a ${kind} route`)
  return given
}

function checkHandler<C>(draft: RouteDraft<C>, place: string): void {
  if (typeof draft.handler === 'function') return
  throw bootError(
    'NOT_A_FUNCTION',
    place,
    `the handler of ${String(draft.path)} is ${draft.handler === null ? 'null' : `of type ${typeof draft.handler}`}`,
    `Give a function: Candy.Route.${draft.kind}(path, Candy => { ... }).`,
  )
}

/** @throws BootError `NOT_A_FUNCTION` */
export function checkMiddleware(guard: unknown, place: string): void {
  if (typeof guard === 'string' || typeof guard === 'function') return
  throw bootError(
    'NOT_A_FUNCTION',
    place,
    'a middleware in `use` is neither a name nor a function',
    'Give a registered name, a function, or a class with handle(candy).',
  )
}

function withoutDefaults(options: object, inEffect: Readonly<Record<string, unknown>>): object {
  const given = Object.entries(options).filter(
    ([name, value]) => value !== undefined && value !== inEffect[name],
  )
  // Cloned: what the table freezes must not be an object the author still holds.
  return structuredClone(Object.fromEntries(given))
}

/** Data is frozen all the way; functions and classes are the author's and stay as they are. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

/** How a middleware is printed. */
export function middlewareName(guard: MiddlewareReference<never>): string {
  return typeof guard === 'string' ? guard : guard.name || 'anonymous'
}
