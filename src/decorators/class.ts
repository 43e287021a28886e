import type {Candy} from '../candy.js'
import type {MiddlewareReference, RouteOptions} from '../routing/route.js'
import {callerSource} from '../routing/source.js'
import {noteDecorated} from './decorated.js'
import {isPrototype, methodNotesOf, notesOf, refuseBare, type Class, type InjectionToken} from './notes.js'

export interface ControllerOptions extends Omit<RouteOptions<Candy>, 'takes' | 'emits'> {
  /** What the constructor takes, in order, for compilers that emit no types. */
  inject?: readonly InjectionToken[]
}

/**
 * Makes a class a WebSocket route. `<id>` and `{id}` mean the same.
 *
 * @example
 * ```ts
 * @WsRoute('/room/<id>')
 * export class RoomController { ... }
 * ```
 */
export function WsRoute(path: string, options?: ControllerOptions): ClassDecorator {
  refuseBare('WsRoute', path)
  const source = callerSource()
  return cls => {
    notesOf(requireClass(cls, 'WsRoute')).route = {path, options, source}
    noteDecorated(cls as unknown as Class)
  }
}

/** Whether the handshake must carry a CSRF token. Without this decorator it must. */
export function Token(required: boolean): ClassDecorator {
  refuseBare('Token', required)
  return cls => {
    notesOf(requireClass(cls, 'Token')).token = required
  }
}

/** On a class: the handshake needs a user, else 4001. On a method: the message does, else `UNAUTHORIZED`. */
export function Auth(required = true): ClassDecorator & MethodDecorator {
  refuseBare('Auth', required)
  return (target: object, name?: string | symbol) => {
    if (name === undefined) notesOf(requireClass(target, 'Auth')).auth = required
    else methodNotesOf(target, name).auth = required
  }
}

/**
 * Guards, first to last: names, functions, or injectable classes with `handle(candy)`. On a class they judge the
 * handshake; on a method the message, and a refusal is the error frame `FORBIDDEN`.
 */
export function Use(...middleware: MiddlewareReference<Candy>[]): ClassDecorator & MethodDecorator {
  // A class may be a middleware; a prototype is none.
  if (isPrototype(middleware[0])) refuseBare('Use', middleware[0])
  return (target: object, name?: string | symbol) => {
    const notes = name === undefined ? notesOf(requireClass(target, 'Use')) : methodNotesOf(target, name)
    // Decorators run bottom-up; the list reads top-down.
    notes.use.unshift(...middleware)
  }
}

/** How many messages of one connection are handled at once. Without it: one, in the order they came. */
export function Parallel(count: number): ClassDecorator {
  refuseBare('Parallel', count)
  return cls => {
    notesOf(requireClass(cls, 'Parallel')).parallel = count
  }
}

/** Standard (TC39) decorators have no parameter decorators and emit no types: say so where they are met. */
export function requireClass(target: unknown, name: string): object {
  if (typeof target === 'function') return target
  throw new TypeError(`@${name} stands on a class; set experimentalDecorators in tsconfig.json if it does`)
}
