import {Candy} from '../candy.js'
import {bootError, Problems, type BootError} from '../errors.js'
import {bodyOptionChecks} from '../messages/body.js'
import {hasRules} from '../messages/rules.js'
import {checkOptions} from '../options.js'
import {bodyOf} from './body.js'
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
import {conversionTo, readUrl, type Conversion} from './url.js'

/** What one call of a handler has to offer. */
export interface Call {
  readonly candy: Candy
  /** As parsed. */
  readonly message?: unknown
  /** As its class judged it. */
  readonly body?: unknown
  /** This message's. */
  readonly signal?: AbortSignal
  readonly error?: unknown
  readonly code?: number
  readonly reason?: string
}

export type Argument = (call: Call) => unknown

export interface HandlerArguments {
  readonly list: readonly Argument[]
  /** Whether one of them may be a promise. */
  readonly async: boolean
  /** The class that judges the body; `undefined`: nothing does. */
  readonly body: Class | undefined
  /** Whether one of them is the message as it was parsed. */
  readonly asParsed: boolean
  /** What the handshake must check, so that no handler meets a malformed parameter. */
  readonly conversions: readonly Conversion[]
  /** What is no fault, and good to know. */
  readonly remarks: readonly string[]
}

export interface HandlerSite {
  readonly cls: Class
  readonly method: string | symbol
  readonly kind: HandlerKind
  /** Whether it takes messages of one `type`, which are objects. */
  readonly typed: boolean
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
  const gathering: Gathering = {conversions: [], bodies: new Set(), remarks: []}
  const closeTypes = new Set<unknown>()
  const problems = new Problems()
  const list = slots.flatMap((slot, index) => {
    const first = !slot.source && !closeTypes.has(slot.type)
    if (!slot.source) closeTypes.add(slot.type)
    const argument = problems.collect(() =>
      slot.source
        ? bySource(slot.source, slot.type, index, {...site, ...gathering})
        : byType(slot.type, first, index, {...site, ...gathering}),
    )
    return argument ?? []
  })
  const {conversions, remarks} = gathering
  const [body, other] = gathering.bodies
  if (other) problems.keep(twoBodies(site, body!, other))
  problems.throwIfAny()
  const isParsed = list.includes(asParsed)
  return {
    list,
    conversions,
    remarks,
    body,
    asParsed: isParsed,
    async: slots.some(slot => slot.source?.from === 'user'),
  }
}

function twoBodies(site: HandlerSite, one: Class, other: Class): BootError {
  return bootError(
    'UNINJECTABLE',
    site.place,
    `${nameOf(site)} takes a ${one.name} and a ${other.name}, and a message has one body`,
    'Keep one, or take the message as parsed: @Body() body: unknown.',
  )
}

const asParsed: Argument = call => call.message

/** What the parameters of one handler gather. */
interface Gathering {
  readonly conversions: Conversion[]
  readonly bodies: Set<Class>
  readonly remarks: string[]
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
    const type = types?.[index]
    const needsType = source ? isJudged(source, site.options) : true
    if (needsType && !types) throw noMetadata(nameOf(site), site.place)
    if (needsType && type === undefined)
      throw circularImport(`parameter ${index + 1} of ${nameOf(site)}`, site.place)
    return {source, type}
  })
}

/** A body whose class were not known would pass unjudged. */
function isJudged(source: ArgumentSource, options: MessageOptions): boolean {
  return source.from === 'body' && (source.options?.validate ?? options.validate) !== false
}

/** The twin in the options: the body comes first unless `args` names it. */
function saidSlots(body: Class | undefined, args: readonly ArgumentReference[]): readonly Slot[] {
  const slots = args.map(entry => {
    const source = sourceOfDecorator(entry)
    return {source, type: source ? undefined : entry}
  })
  if (body === undefined) return slots
  const slot: Slot = {source: {from: 'body'}, type: body}
  if (!args.includes(body)) return [slot, ...slots]
  return slots.map(entry => (entry.type === body ? slot : entry))
}

function bySource(
  source: ArgumentSource,
  type: unknown,
  index: number,
  site: HandlerSite & Gathering,
): Argument {
  if (source.from === 'body') return bodyArgument(source, type, index, site)
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
  const convert = conversionTo(type, nameOf(site), site.place)
  if (!convert) return ({candy}) => readUrl(candy, from, name)
  site.conversions.push({from, name, convert})
  return ({candy}) => {
    const text = readUrl(candy, from, name)
    return text === undefined ? undefined : convert(text)
  }
}

function bodyArgument(
  {options = {}}: Extract<ArgumentSource, {from: 'body'}>,
  type: unknown,
  index: number,
  site: HandlerSite & Gathering,
): Argument {
  checkOptions(options, {validate: bodyOptionChecks.validate}, site.place, `@Body() of ${nameOf(site)}`)
  const validate = options.validate ?? site.options.validate
  const what = `parameter ${index + 1} of ${nameOf(site)}`
  const cls = bodyOf(type, {...site.options, validate}, {...site, what})
  if (!cls) return asParsed
  site.bodies.add(cls)
  return call => call.body
}

function byType(type: unknown, first: boolean, index: number, site: HandlerSite & Gathering): Argument {
  const takesMessage = site.kind === 'message' || site.kind === 'binary'
  const what = `parameter ${index + 1} of ${nameOf(site)}`
  if (type === Candy) return call => call.candy
  if (type === AbortSignal) return takesMessage ? call => call.signal : call => call.candy.signal
  if (site.kind === 'error' && isErrorClass(type)) return call => call.error
  if (site.kind === 'close' && type === Number && first) return call => call.code
  if (site.kind === 'close' && type === String && first) return call => call.reason
  if (site.kind === 'binary' && (type === Buffer || type === Uint8Array)) return asParsed
  if (type === Object || type === Function)
    throw erased(what, site.place, site.kind === 'message' ? 'A message body needs @Body(). ' : '')
  if (site.kind === 'message' && hasRules(type)) return bodyArgument({from: 'body'}, type, index, site)
  if (isClass(type) && isInjectable(type, site.container)) {
    checkDependencies(type, site.container, site.place)
    return call => call.candy.scope!.get(type)
  }
  // A body without rules looks like any class; that it is meant says which it is.
  if (site.kind === 'message' && site.options.validate === false && isClass(type)) return asParsed
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
