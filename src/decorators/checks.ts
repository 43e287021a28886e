import {bootError, Problems} from '../errors.js'
import {bodyOptionChecks} from '../messages/body.js'
import {reservedPrefix} from '../messages/envelope.js'
import {checkOptions, checks, refuseOption} from '../options.js'
import type {ControllerOptions} from './class.js'
import type {Class, ClassNotes, HandlerKind} from './notes.js'

/** What `@WsRoute` says of the constructor. @throws BootError `INVALID_OPTION` */
export function checkInject(inject: ControllerOptions['inject'], place: string): ControllerOptions['inject'] {
  checkOptions({inject}, {inject: checks.array}, place, '@WsRoute')
  return inject
}

/** What a handler decorator says besides its type. @throws BootError `INVALID_OPTION` */
export function checkHandlerOptions(
  kind: HandlerKind,
  type: string | undefined,
  options: unknown,
  place: string,
): boolean {
  const takesBody = kind === 'message' || kind === 'binary'
  const table = {
    args: checks.array,
    ...(takesBody && {body: checks.class}),
    ...(kind === 'message' && bodyOptionChecks),
    // Nobody else answers.
    ...(type !== undefined && {reply: checks.class}),
  }
  const wrong = checks.object(options)
  if (wrong)
    refuseOption(
      place,
      `the options of the ${kind} handler are no object`,
      'Write {args: [Candy]} or leave them out.',
    )
  checkOptions(options, table, place, `the ${kind} handler`)
  return true
}

/** A guard judges a message; a connection is judged before it opens. @throws BootError `INVALID_OPTION` */
export function checkGuarded(method: string, kinds: readonly HandlerKind[], place: string): void {
  const kind = kinds.find(one => one !== 'message' && one !== 'binary')
  if (kind === undefined) return
  refuseOption(
    place,
    `@Auth or @Use stands on ${method}, which takes no message`,
    'Put it on the class, where it guards the handshake, or on a method with @OnMessage or @OnBinary.',
  )
}

/** Whether there is a handler, and one for each message, be its parameters sound or not. @throws BootError */
export function checkMethods(cls: Class, notes: ClassNotes, place: string): void {
  const handlers = [...notes.methods.values()].flatMap(method => method.handlers)
  if (handlers.length === 0)
    throw bootError(
      'NO_HANDLER',
      place,
      `${cls.name} has no handler`,
      'Decorate a method with @OnOpen, @OnMessage, @OnBinary, @OnClose or @OnError.',
    )
  const problems = new Problems()
  const taken = new Set<string>()
  for (const {kind, type} of handlers) {
    if (kind !== 'message' && kind !== 'binary') continue
    const name =
      type === undefined ? `@On${kind === 'binary' ? 'Binary' : 'Message'}()` : `@OnMessage('${type}')`
    problems.collect(() => {
      if (taken.has(name))
        throw bootError(
          'DUPLICATE_HANDLER',
          place,
          `${cls.name} has two handlers for ${name}`,
          'Keep one; a message is answered once.',
        )
      if (type !== undefined) refuseReserved(type, `${name} of ${cls.name}`, place)
    })
    taken.add(name)
  }
  problems.throwIfAny()
}

/** @throws BootError `RESERVED_TYPE` */
export function refuseReserved(type: string, what: string, place: string): void {
  if (type.startsWith(reservedPrefix))
    throw bootError(
      'RESERVED_TYPE',
      place,
      `${what} is reserved`,
      'Choose a type that does not begin with "candy.".',
    )
}
