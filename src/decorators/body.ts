import {bootError} from '../errors.js'
import {isBuiltIn, type BodyOptions} from '../messages/body.js'
import {checkDto} from '../messages/dto.js'
import {isClass, type Class, type HandlerKind} from './notes.js'

/** The parameter that takes a body. */
export interface BodySite {
  /** Names it, for the error. */
  readonly what: string
  readonly place: string
  readonly kind: HandlerKind
  /** Whether the handler takes messages of one `type`, which are objects. */
  readonly typed: boolean
  /** Gathers what is no fault, and good to know. */
  readonly remarks: string[]
}

/**
 * The class that judges a handler's body.
 *
 * @returns `undefined` where the body comes as parsed: its type says nothing, or it is not to be judged
 * @throws BootError `NO_RULES`, `UNJUDGED_FIELD`, `UNINJECTABLE`
 */
export function bodyOf(type: unknown, {validate, groups}: BodyOptions, site: BodySite): Class | undefined {
  const {what, place, kind} = site
  if (kind !== 'message' && kind !== 'binary')
    throw bootError(
      'UNINJECTABLE',
      place,
      `${what} is the body of a message, and this handler has none`,
      'Take it out: @OnMessage() and @OnBinary() take messages.',
    )
  if (validate === false) return undefined
  if (isBuiltIn(type)) {
    if (kind === 'message') checkUnjudged(type, site)
    return undefined
  }
  const cls = type as Class
  if (kind === 'binary')
    throw bootError(
      'UNINJECTABLE',
      place,
      `${what} is a ${cls.name}, and @OnBinary takes bytes`,
      'Take a Buffer.',
    )
  checkDto(cls, {what, place, groups})
  return cls
}

/** An interface is meant so; a class imported by `import type` looks the same. */
function checkUnjudged(type: unknown, {what, place, typed, remarks}: BodySite): void {
  if (type === Object || type === Function)
    remarks.push(
      `${what} comes as parsed: at run time its type says nothing. If it is a class, import it without \`type\`, or name it, @OnMessage('say', {body: Say}); if not, @Body({validate: false}) says that it is meant.`,
    )
  else if (typed && isClass(type))
    throw bootError(
      'UNINJECTABLE',
      place,
      `${what} has the type ${type.name}, and a message of a type is an object`,
      'Declare a class that has a field for it, or take the whole message: @Body() body: unknown.',
    )
}
