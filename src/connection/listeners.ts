import {guard, inOrder} from '../guard.js'
import {BootError} from '../errors.js'
import {describeError, type Logger} from '../log.js'
import {bodyOptionChecks, isBuiltIn, type BodyOptions} from '../messages/body.js'
import type {Content, LearnedContract} from '../messages/contract.js'
import type {Declared} from '../messages/declared.js'
import {checkDto, judgesWhatGoesOut} from '../messages/dto.js'
import {reservedPrefix} from '../messages/envelope.js'
import type {Class} from '../messages/rules.js'
import type {BodyCheck} from '../messages/validator.js'
import {checkOptions, checks} from '../options.js'

/** Written as methods, so that a listener may say what it expects: `on('message', (data: Said) => ...)`. */
export interface WsEvents {
  /** JSON parsed if it is JSON, else the string; bytes as a Buffer. */
  message(data: unknown): unknown
  close(code: number, reason: string): unknown
  error(error: Error): unknown
  ping(data: Buffer): unknown
  pong(data: Buffer): unknown
}

export type WsEvent = keyof WsEvents

const events: readonly string[] = ['message', 'close', 'error', 'ping', 'pong'] satisfies WsEvent[]

/** A class whose instances are message bodies. */
export type MessageClass<T = unknown> = new (...args: never[]) => T

/** What `on(type, Dto, fn, options)` takes besides. */
export interface TypedOptions extends BodyOptions {
  /** The class of what it answers; outside production a mismatch is an error. */
  reply?: MessageClass<object>
}

/** A typed message handler as `on(type, Dto, fn)` left it. */
export interface TypedListener {
  readonly type: string
  readonly cls: Class
  readonly fn: (body: never, signal?: AbortSignal) => unknown
  readonly options: TypedOptions
  /** What judges its answers; `undefined`: nothing does. */
  readonly reply: Class | undefined
  /** Made when the first message comes. */
  check: BodyCheck | undefined
  checkReply: Declared | undefined
}

export type Listener = (...args: never[]) => unknown
const nobody: readonly Listener[] = []

interface Entry {
  readonly fn: Listener
  readonly once: boolean
}

/** @internal */
export interface ListenersParts {
  /** Told which messages are listened to. */
  readonly learned: LearnedContract
  /** Told an error that no `error` listener took. */
  readonly log: Logger
  /** For its lines: the template of the route, and the connection's id. */
  readonly route: string
  readonly connection: string
}

/** Who listens on one connection, in the order they were added, each run inside the guard. */
export class Listeners {
  readonly #learned: LearnedContract
  readonly #log: Logger
  readonly #route: string
  readonly #connection: string
  // Made when needed: most connections have a listener or two, and there are many connections.
  #byEvent: Map<string, Entry[]> | undefined
  #byType: Map<string, TypedListener> | undefined

  constructor({learned, log, route, connection}: ListenersParts) {
    this.#learned = learned
    this.#log = log
    this.#route = route
    this.#connection = connection
  }

  /** @throws TypeError for an unknown event or no function */
  add(event: string, fn: unknown, once: boolean): void {
    checkListener(event, fn)
    if (event === 'message') this.#learned.learn(anyText)
    this.#byEvent ??= new Map()
    this.#byEvent.set(event, [...(this.#byEvent.get(event) ?? []), {fn, once}])
  }

  /** @throws TypeError for a type that is handled already or reserved, and a class without rules */
  addTyped(type: string, cls: unknown, fn: unknown, options: TypedOptions = {}): void {
    if (type.startsWith(reservedPrefix))
      throw new TypeError(`The message type '${type}' is reserved: choose one without "candy."`)
    if (this.typed(type)) throw new TypeError(`Messages of type '${type}' have a handler already`)
    if (typeof cls !== 'function' || typeof fn !== 'function')
      throw new TypeError(`on('${type}', Dto, fn) takes a class and a function`)
    const reply = checkTyped(type, cls as Class, options)
    const body = options.validate === false || isBuiltIn(cls) ? 'anything' : (cls as Class)
    const {groups} = options
    const declared = this.#learned.learn({form: 'typed', type, body, groups, reply: reply ?? 'anything'})
    this.#byType ??= new Map()
    this.#byType.set(type, {
      type,
      cls: cls as Class,
      fn: fn as TypedListener['fn'],
      options,
      reply: reply ?? classOf(declared?.reply),
      check: undefined,
      checkReply: undefined,
    })
  }

  /** The handler of a type of message. */
  typed(type: string): TypedListener | undefined {
    return this.#byType?.get(type)
  }

  get hasTyped(): boolean {
    return (this.#byType?.size ?? 0) > 0
  }

  remove(event: string, fn: Listener): void {
    if (this.typed(event)?.fn === fn) return void this.#byType!.delete(event)
    const entries = this.#byEvent?.get(event)
    const index = entries?.findLastIndex(entry => entry.fn === fn) ?? -1
    if (index >= 0) this.#byEvent!.set(event, entries!.toSpliced(index, 1))
  }

  has(event: WsEvent): boolean {
    return (this.#byEvent?.get(event)?.length ?? 0) > 0
  }

  /** Those to run now; the ones for once are gone before they run, so no throw can run them twice. */
  take(event: WsEvent): readonly Listener[] {
    const entries = this.#byEvent?.get(event)
    if (!entries || entries.length === 0) return nobody
    if (entries.some(entry => entry.once)) {
      const kept = entries.filter(entry => !entry.once)
      this.#byEvent!.set(event, kept)
    }
    return entries.map(entry => entry.fn)
  }

  emit(event: WsEvent, ...args: readonly unknown[]): Promise<void> | undefined {
    return inOrder(this.take(event), fn => this.run(fn, event, args))
  }

  /** Runs one listener; what it throws goes to the `error` listeners, and what those throw to the log. */
  run(fn: Listener, event: WsEvent, args: readonly unknown[]): Promise<void> | undefined {
    return guard(fn, args as never[], error =>
      event === 'error' ? this.#uncaught(error, event) : this.report(error, event),
    )
  }

  /** Gives an error to the `error` listeners, else to the log. */
  report(error: unknown, during: string): Promise<void> | undefined {
    if (this.has('error')) return this.emit('error', asError(error))
    this.#uncaught(error, during)
    return undefined
  }

  /** A broken frame is the client's doing: no reason to wake anybody. */
  #uncaught(error: unknown, during: string): void {
    const fields = {route: this.#route, connection: this.#connection, ...describeError(error)}
    this.#log[during === 'socket' ? 'debug' : 'error'](fields, `uncaught in ${during}`)
  }
}

export function checkListener(event: string, fn: unknown): asserts fn is Listener {
  if (!events.includes(event))
    throw new TypeError(
      `There is no event '${event}': listen to ${events.join(', ')}, or on('${event}', Dto, fn)`,
    )
  if (typeof fn !== 'function') throw new TypeError(`on('${event}') takes a function`)
}

const anyText = {form: 'text', type: undefined, body: 'anything', reply: undefined} as const

function classOf(content: Content | undefined): Class | undefined {
  return typeof content === 'string' ? undefined : content
}

/** What is said of a typed handler, judged where it is said. @returns the class that judges its answers @throws TypeError */
function checkTyped(type: string, cls: Class, options: TypedOptions): Class | undefined {
  const place = `on('${type}')`
  try {
    checkOptions(options, {...bodyOptionChecks, reply: checks.class}, place, place)
    const {validate, groups, reply} = options
    if (validate !== false && !isBuiltIn(cls)) checkDto(cls, {what: `the message of ${place}`, place, groups})
    if (!reply) return undefined
    return judgesWhatGoesOut(reply, validate, {what: `the reply of ${place}`, place}) ? reply : undefined
  } catch (error) {
    if (!(error instanceof BootError)) throw error
    throw new TypeError(error.problems.map(({message, remedy}) => `${message}. ${remedy}`).join(' '), {
      cause: error,
    })
  }
}

/** A listener may rely on what it is promised, whatever was thrown: `null`, a string. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error('something was thrown that is no Error', {cause: thrown})
}
