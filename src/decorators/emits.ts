import {bootError, Problems} from '../errors.js'
import {bodyOptionChecks} from '../messages/body.js'
import type {Sent} from '../messages/contract.js'
import {checksOutgoing, declared, type Declared} from '../messages/declared.js'
import {judgesWhatGoesOut} from '../messages/dto.js'
import {hasRules, type Whitelist} from '../messages/rules.js'
import {checkOptions, refuseOption} from '../options.js'
import {encode, type Encode} from '../rooms/frame.js'
import {refuseReserved} from './checks.js'
import {requireClass} from './class.js'
import {isClass, notesOf, type Class, type ClassNotes, type EmitsOptions} from './notes.js'

/**
 * Declares a message that the server sends: objects of this `type` that are sent from a connection of this route, to itself
 * or to others, are judged by the class, and a mismatch throws at the `send`. Not in production. A subclass inherits it.
 *
 * @example
 * ```ts
 * @WsRoute('/room/<id>')
 * @Emits('said', Said)
 * export class RoomController { ... }
 * ```
 */
export function Emits(type: string, cls: Class, options: EmitsOptions = {}): ClassDecorator {
  // Without parentheses, too, it is given a class.
  if (isClass(type)) throw new TypeError("@Emits takes a type and a class: write @Emits('said', Said)")
  return target => {
    // Decorators run bottom-up; the list reads top-down.
    notesOf(requireClass(target, 'Emits')).emits.unshift({type, cls, options})
  }
}

/**
 * What judges the messages that a class declares, or a functional route.
 *
 * @param name how a declaration is called in an error
 * @returns `undefined` if it declares none, or it is not asked to be judged
 * @throws BootError for every faulty declaration
 */
export function compileEmits(
  owner: string,
  emits: ClassNotes['emits'],
  whitelist: Whitelist,
  place: string,
  name = (type: string) => `@Emits('${type}') of ${owner}`,
): Encode | undefined {
  const problems = new Problems()
  const byType = new Map<string, Declared>()
  const seen = new Set<string>()
  for (const note of emits) {
    const what = name(String(note.type))
    problems.collect(() => {
      checkNote(note, what, place)
      if (seen.has(note.type))
        throw bootError('DUPLICATE_HANDLER', place, `${what} stands there twice`, 'Keep one.')
      seen.add(note.type)
      if (judgesWhatGoesOut(note.cls, note.options.validate, {what, place}))
        byType.set(note.type, declared(note.cls, whitelist, `what ${owner} sends as '${note.type}'`))
    })
  }
  problems.throwIfAny()
  return byType.size > 0 && checksOutgoing() ? encodeDeclared(byType) : undefined
}

/** What a class says that it sends. */
export function sentBy(emits: ClassNotes['emits']): readonly Sent[] {
  return emits.map(({type, cls, options}) => ({
    type,
    body: options.validate === false && !hasRules(cls) ? 'anything' : cls,
  }))
}

function checkNote({type, cls, options}: ClassNotes['emits'][number], what: string, place: string): void {
  if (typeof type !== 'string' || !isClass(cls))
    refuseOption(place, `${what} takes a type and a class`, "Write @Emits('said', Said).")
  refuseReserved(type, what, place)
  checkOptions(options, {validate: bodyOptionChecks.validate}, place, what)
}

/** Encodes what a connection sends; judges it first if its `type` is a declared one. */
function encodeDeclared(byType: ReadonlyMap<unknown, Declared>): Encode {
  return data => {
    if (typeof data === 'object' && data !== null) byType.get((data as {type?: unknown}).type)?.(data)
    return encode(data)
  }
}
