import type {Candy} from '../candy.js'
import {Problems} from '../errors.js'
import type {Taken} from '../messages/contract.js'
import {checkDto} from '../messages/dto.js'
import type {Whitelist} from '../messages/rules.js'
import {checkOptions, checks, refuseOption, type Check} from '../options.js'
import type {Handler, RouteDraft, RouteOptions, TakenOptions} from '../routing/route.js'
import {showSource} from '../routing/source.js'
import {refuseReserved} from './checks.js'
import type {CompiledHandler} from './compiled-handler.js'
import {compileEmits, sentBy} from './emits.js'
import {isClass} from './notes.js'

type Declared = Pick<RouteOptions<Candy>, 'takes' | 'emits' | 'whitelist'>

/**
 * A functional route that says in its options what decorators say of a class: which messages it takes and sends. Its
 * handler becomes one that carries them; from here on they are no options.
 *
 * @throws BootError for every faulty declaration
 */
export function declareMessages(
  draft: RouteDraft<Candy>,
  {dir, whitelist}: {readonly dir: string; readonly whitelist: Whitelist},
): RouteDraft<Candy> {
  if (!declares(draft)) return draft
  const {takes, emits, ...options} = draft.options
  const place = showSource(draft.source, dir)
  const problems = new Problems()
  problems.collect(() => checkOptions({takes, emits}, {takes: byType, emits: byType}, place, 'a route'))
  problems.throwIfAny()
  const taken = Object.entries(takes ?? {}).flatMap(
    ([type, given]) =>
      problems.collect(() => takenAs(type, given, `'${type}' of ${String(draft.path)}`, place)) ?? [],
  )
  const notes = Object.entries(emits ?? {}).map(([type, cls]) => ({type, cls, options: {}}))
  const encode = problems.collect(() =>
    compileEmits(
      String(draft.path),
      notes,
      options.whitelist ?? whitelist,
      place,
      type => `emits '${type}' of ${String(draft.path)}`,
    ),
  )
  problems.throwIfAny()
  const declared = {takes: takes && taken, sends: sentBy(notes)}
  return {...draft, options, handler: carrying(draft.handler, {declared, ...(encode && {encode})})}
}

/** The author's function may serve other routes too, which say something else. */
function carrying(fn: unknown, what: Pick<CompiledHandler, 'declared' | 'encode'>): unknown {
  if (typeof fn !== 'function') return fn
  const handler = Object.assign((candy: Candy) => (fn as Handler<Candy>)(candy), what)
  return Object.defineProperty(handler, 'name', {value: fn.name})
}

/** A `Map` is an object too, and has no fields. */
const byType: Check = value => (isPlainObject(value) ? undefined : 'an object with a class for each type')

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function declares(draft: RouteDraft<Candy>): draft is RouteDraft<Candy> & {options: Declared} {
  const {kind, options} = draft
  if (kind !== 'ws' || typeof options !== 'object' || options === null) return false
  const {takes, emits} = options as Declared
  return takes !== undefined || emits !== undefined
}

function takenAs(type: string, given: unknown, what: string, place: string): Taken {
  if (!isClass(given)) checkTaken(given, what, place)
  const {body, reply, groups}: TakenOptions = isClass(given) ? {body: given} : (given as TakenOptions)
  refuseReserved(type, what, place)
  if (body) checkDto(body, {what: `the message ${what}`, place, groups})
  if (reply) checkDto(reply, {what: `the reply to ${what}`, place})
  return {
    form: 'typed',
    type,
    body: body ?? 'anything',
    groups,
    reply: reply ?? 'anything',
    auth: false,
    use: [],
  }
}

function checkTaken(given: unknown, what: string, place: string): void {
  if (checks.object(given))
    refuseOption(
      place,
      `what the route takes as ${what} is no class`,
      'Write takes: {say: Say}, or takes: {say: {body: Say, reply: Said}}.',
    )
  checkOptions(given, {body: checks.class, reply: checks.class, groups: checks.strings}, place, what)
}
