import {Candy} from '../candy.js'
import {bootError, Problems} from '../errors.js'
import {hasRules} from '../messages/rules.js'
import {isInjectable, type Container} from './container.js'
import {checkDependencies, circularImport, erased, noMetadata} from './dependencies.js'
import {
  isClass,
  type ArgumentReference,
  type ArgumentSource,
  type Class,
  type HandlerKind,
  type MessageOptions,
  type MethodNotes,
} from './notes.js'
import {sourceOfDecorator} from './parameter.js'

/** What one call of a handler has to offer. */
export interface Call {
  readonly candy: Candy
  readonly message?: unknown
  readonly error?: unknown
  readonly code?: number
  readonly reason?: string
}

export type Argument = (call: Call) => unknown

/** Text of the URL as a handler wants it; `undefined` if it is not that. */
export interface Conversion {
  readonly from: 'param' | 'query'
  readonly name: string
  readonly convert: (text: string) => unknown
}

export interface HandlerArguments {
  readonly list: readonly Argument[]
  /** Whether one of them may be a promise. */
  readonly async: boolean
  /** What the handshake must check, so that no handler meets a malformed parameter. */
  readonly conversions: readonly Conversion[]
}

export interface HandlerSite {
  readonly cls: Class
  readonly method: string | symbol
  readonly kind: HandlerKind
  readonly notes: MethodNotes
  readonly options: MessageOptions
  readonly container: Container
  /** Of the path; `undefined` if it is malformed. */
  readonly params: readonly string[] | undefined
  readonly place: string
}

/**
 * Decides once, at boot, where each parameter of a handler comes from: its decorator, else its class.
 *
 * @throws BootError for every parameter that nothing can fill
 */
export function handlerArguments(site: HandlerSite): HandlerArguments {
  const slots = parameterSlots(site)
  const conversions: Conversion[] = []
  const closeTypes = new Set<unknown>()
  const problems = new Problems()
  const list = slots.flatMap((slot, index) => {
    const first = !slot.source && !closeTypes.has(slot.type)
    if (!slot.source) closeTypes.add(slot.type)
    const argument = problems.collect(() =>
      slot.source
        ? bySource(slot.source, slot.type, site, conversions)
        : byType(slot.type, first, index, site),
    )
    return argument ?? []
  })
  problems.throwIfAny()
  return {list, conversions, async: slots.some(slot => slot.source?.from === 'user')}
}

interface Slot {
  readonly source: ArgumentSource | undefined
  readonly type: unknown
}

function parameterSlots(site: HandlerSite): readonly Slot[] {
  const {body, args} = site.options
  if (body || args) return saidSlots(body, args ?? [])
  const prototype = site.cls.prototype as object
  const types = Reflect.getMetadata('design:paramtypes', prototype, site.method) as unknown[] | undefined
  const fn = (prototype as Record<string | symbol, unknown>)[site.method] as {length: number}
  const count = Math.max(
    types?.length ?? 0,
    fn.length,
    ...[...site.notes.parameters.keys()].map(index => index + 1),
  )
  return Array.from({length: count}, (_, index) => {
    const source = site.notes.parameters.get(index)
    if (!source && !types) throw noMetadata(nameOf(site), site.place)
    return {source, type: types?.[index]}
  })
}

/** The twin in the options: the body comes first unless `args` names it. */
function saidSlots(body: Class | undefined, args: readonly ArgumentReference[]): readonly Slot[] {
  const slots = args.map(entry => ({source: sourceOfDecorator(entry), type: entry}))
  const named = body === undefined || args.includes(body)
  const slot: Slot = {source: {from: 'body'}, type: body}
  if (!named) return [slot, ...slots]
  return slots.map(entry => (entry.type === body ? slot : entry))
}

function bySource(
  source: ArgumentSource,
  type: unknown,
  site: HandlerSite,
  conversions: Conversion[],
): Argument {
  if (source.from === 'body') return call => call.message
  if (source.from === 'user') return call => call.candy.Auth.user()
  const {from, name} = source
  if (from === 'param' && site.params && !site.params.includes(name))
    throw bootError(
      'UNKNOWN_PARAMETER',
      site.place,
      `@Param('${name}') of ${nameOf(site)} names no parameter of the path`,
      site.params.length > 0
        ? `The path has ${site.params.join(', ')}.`
        : 'The path has none: write it as {name}.',
    )
  const convert = conversionTo(type, site)
  if (!convert) return ({candy}) => read(candy, from, name)
  conversions.push({from, name, convert})
  return ({candy}) => {
    const text = read(candy, from, name)
    return text === undefined ? undefined : convert(text)
  }
}

function read(candy: Candy, from: 'param' | 'query', name: string): string | undefined {
  const {url, get} = candy.Request.data
  return from === 'param' ? url[name] : get[name]
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Compilers differ in what they emit for unions and enums: only what is surely a number or boolean converts. */
function conversionTo(type: unknown, site: HandlerSite): ((text: string) => unknown) | undefined {
  if (type === Number) return toNumber
  if (type === Boolean) return text => (text === 'true' ? true : text === 'false' ? false : undefined)
  if (typeof type === 'function' && type !== String && type !== Object && !sourceOfDecorator(type))
    throw bootError(
      'UNINJECTABLE',
      site.place,
      `@Param or @Query of ${nameOf(site)} cannot make a ${type.name}`,
      'Take a string, number or boolean and convert it in the handler.',
    )
  return undefined
}

function toNumber(text: string): number | undefined {
  const value = decimal.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Whether the URL holds what the handlers say it does. */
export function urlConverts(candy: Candy, conversions: readonly Conversion[]): boolean {
  return conversions.every(({from, name, convert}) => {
    const text = read(candy, from, name)
    return text === undefined || convert(text) !== undefined
  })
}

function byType(type: unknown, first: boolean, index: number, site: HandlerSite): Argument {
  const what = `parameter ${index + 1} of ${nameOf(site)}`
  if (type === undefined) throw circularImport(what, site.place)
  if (type === Candy) return call => call.candy
  if (type === AbortSignal) return call => call.candy.signal
  if (site.kind === 'error' && isErrorClass(type)) return call => call.error
  if (site.kind === 'close' && type === Number && first) return call => call.code
  if (site.kind === 'close' && type === String && first) return call => call.reason
  if (site.kind === 'binary' && (type === Buffer || type === Uint8Array)) return call => call.message
  if (type === Object || type === Function)
    throw erased(what, site.place, site.kind === 'message' ? 'A message body needs @Body(). ' : '')
  if (site.kind === 'message' && hasRules(type)) return call => call.message
  if (isClass(type) && isInjectable(type, site.container)) {
    checkDependencies(type, site.container, site.place)
    return call => call.candy.scope!.get(type)
  }
  throw bootError(
    'UNINJECTABLE',
    site.place,
    `${what} is ${isClass(type) ? `a ${type.name}, which is` : ''} neither a DTO nor injectable`,
    'A body needs class-validator rules or @Body(), a service @injectable(), a part of the URL @Param() or @Query().',
  )
}

function isErrorClass(type: unknown): boolean {
  return type === Error || (isClass(type) && type.prototype instanceof Error)
}

function nameOf({cls, method}: Pick<HandlerSite, 'cls' | 'method'>): string {
  return `${cls.name}.${String(method)}()`
}
