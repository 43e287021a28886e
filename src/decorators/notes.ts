import type {Candy} from '../candy.js'
import type {BodyOptions} from '../messages/body.js'
import {lineage, type Class} from '../messages/rules.js'
import type {MiddlewareReference} from '../routing/route.js'
import type {Source} from '../routing/source.js'

export type {Class}

export function isClass(value: unknown): value is Class {
  return typeof value === 'function'
}

/**
 * `@Auth` for `@Auth()` calls the maker of a decorator as if it were the decorator; what it returns is dropped, and a
 * guard would be gone without a word.
 *
 * @throws TypeError
 */
export function refuseBare(name: string, first: unknown): void {
  if (isClass(first) || isPrototype(first))
    throw new TypeError(`@${name} stands without its parentheses: write @${name}(...)`)
}

export function isPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'constructor')
}

/** A token tsyringe resolves: a class, a name, a symbol. */
export type InjectionToken = Class | string | symbol

/** Where an argument comes from, as a parameter decorator says it. */
export type ArgumentSource =
  | {readonly from: 'body'; readonly options?: Pick<BodyOptions, 'validate'>}
  | {readonly from: 'param' | 'query'; readonly name: string}
  | {readonly from: 'user'}

export type HandlerKind = 'open' | 'message' | 'binary' | 'close' | 'error'

/** One entry of `args`: a class, or what `@Body()`, `@Param(name)`, `@Query(name)` or `@User()` returned. */
export type ArgumentReference = Class | ParameterDecorator

export interface HandlerOptions {
  /** Where each parameter comes from, for compilers that emit no types; after the body, if `body` is given. */
  args?: readonly ArgumentReference[]
}

export interface BytesOptions extends HandlerOptions {
  /** The class of the body, which is then the first parameter. */
  body?: Class
}

export interface MessageOptions extends BytesOptions, BodyOptions {
  /** The class of what the handler of a `type` answers; outside production a mismatch is an error. */
  reply?: Class
}

export interface EmitsOptions {
  /** `false`: the class has no rules, and is meant to. Default `true`. */
  validate?: boolean
}

/** What decorators wrote about one method. */
export interface MethodNotes {
  readonly handlers: {
    kind: HandlerKind
    type: string | undefined
    options: MessageOptions
    source: Source | undefined
  }[]
  readonly use: MiddlewareReference<Candy>[]
  auth: boolean | undefined
  readonly parameters: Map<number, ArgumentSource>
}

/** What decorators wrote about one class; `compile` reads it later. */
export interface ClassNotes {
  route: {readonly path: unknown; readonly options: unknown; readonly source: Source | undefined} | undefined
  token: boolean | undefined
  auth: boolean | undefined
  parallel: number | undefined
  readonly use: MiddlewareReference<Candy>[]
  readonly emits: {readonly type: string; readonly cls: Class; readonly options: EmitsOptions}[]
  readonly methods: Map<string | symbol, MethodNotes>
}

const key = Symbol.for('candy.notes')

/** The notes of this very class, made at first touch: a subclass never writes into its parent's. */
export function notesOf(cls: object): ClassNotes {
  if (Object.hasOwn(cls, key)) return (cls as {[key]: ClassNotes})[key]
  const notes: ClassNotes = {
    route: undefined,
    token: undefined,
    auth: undefined,
    parallel: undefined,
    use: [],
    emits: [],
    methods: new Map(),
  }
  Object.defineProperty(cls, key, {value: notes})
  return notes
}

export function methodNotesOf(prototype: object, name: string | symbol): MethodNotes {
  const {methods} = notesOf(prototype.constructor)
  let notes = methods.get(name)
  if (!notes) methods.set(name, (notes = {handlers: [], use: [], auth: undefined, parameters: new Map()}))
  return notes
}

/**
 * The notes of a class with those it inherits: the nearest word on path, token and auth counts; `@Use` of a parent
 * comes first, so a guard can be added and not lost; an overriding method adds to its parent's notes.
 */
export function inheritedNotes(cls: object): ClassNotes {
  const all = lineage(cls).flatMap(at => (Object.hasOwn(at, key) ? [notesOf(at)] : []))
  const nearest = <K extends 'route' | 'token' | 'auth' | 'parallel'>(name: K) =>
    all.find(notes => notes[name] !== undefined)?.[name]
  const methods = new Map<string | symbol, MethodNotes>()
  for (const notes of all) {
    for (const [name, method] of notes.methods) {
      const own = methods.get(name)
      methods.set(name, own ? overriding(own, method) : method)
    }
  }
  return {
    route: nearest('route'),
    token: nearest('token'),
    auth: nearest('auth'),
    parallel: nearest('parallel'),
    use: all.toReversed().flatMap(notes => notes.use),
    emits: nearestEmits(all),
    methods,
  }
}

/** What a class says it sends counts over what those it extends say of the same type. */
function nearestEmits(all: readonly ClassNotes[]): ClassNotes['emits'] {
  const emits: ClassNotes['emits'] = []
  for (const notes of all) {
    const nearer = new Set(emits.map(({type}) => type))
    emits.push(...notes.emits.filter(({type}) => !nearer.has(type)))
  }
  return emits
}

/** A method declared anew as a handler has parameters of its own; with guards alone it keeps its parent's. */
function overriding(own: MethodNotes, parent: MethodNotes): MethodNotes {
  const redeclared = own.handlers.length > 0
  return {
    handlers: redeclared ? own.handlers : parent.handlers,
    use: [...parent.use, ...own.use],
    auth: own.auth ?? parent.auth,
    parameters: redeclared || own.parameters.size > 0 ? own.parameters : parent.parameters,
  }
}

/** Whether a class is the other, wrapped or extended: the route that was noted on that is in its lineage. */
export function comesFrom(cls: object, other: object): boolean {
  const {route} = notesOf(other)
  return lineage(cls).some(at => Object.hasOwn(at, key) && notesOf(at).route === route)
}

/** Whether a value is a class that declares or inherits a route. */
export function isController(value: unknown): value is Class {
  return typeof value === 'function' && inheritedNotes(value).route !== undefined
}
