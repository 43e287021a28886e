import type {Candy} from '../candy.js'
import {bootError} from '../errors.js'
import type {Middleware, MiddlewareClass, MiddlewareReference} from '../routing/route.js'

/** A middleware that keeps count makes itself anew for each place of use, so that each counts for itself. */
export interface CountingMiddleware extends Middleware<Candy> {
  readonly forPlace: () => Middleware<Candy>
}

/** Makes an instance of an injectable middleware class, from the app's container. */
export type ResolveClass = (cls: MiddlewareClass<Candy>, place: string) => {handle(candy: Candy): unknown}

/**
 * Middleware by name. What the app registered wins over a file `middleware/<name>`, and that over what is built
 * in: an app that brings its own `rate-limit` keeps it.
 */
export class MiddlewareRegistry {
  readonly #builtIn: ReadonlyMap<string, Middleware<Candy>>
  readonly #files = new Map<string, Middleware<Candy> | MiddlewareClass<Candy>>()
  readonly #registered = new Map<string, Middleware<Candy> | MiddlewareClass<Candy>>()
  readonly #resolveClass: ResolveClass

  constructor(builtIn: ReadonlyMap<string, Middleware<Candy>>, resolveClass: ResolveClass) {
    this.#builtIn = builtIn
    this.#resolveClass = resolveClass
  }

  /** @throws BootError `NOT_A_FUNCTION` */
  register(name: string, fn: unknown, place: string): void {
    this.#registered.set(name, checkFunction(name, fn, place))
  }

  /** @throws BootError `NOT_A_FUNCTION` */
  addFile(name: string, fn: unknown, place: string): void {
    this.#files.set(name, checkFunction(name, fn, place))
  }

  /**
   * What a reference stands for, at one place of use.
   *
   * @throws BootError `UNKNOWN_MIDDLEWARE`, or what is wrong with the class
   */
  resolve(reference: MiddlewareReference<Candy>, place: string): Middleware<Candy> {
    const found = typeof reference === 'string' ? this.#byName(reference, place) : reference
    if (isMiddlewareClass(found)) {
      const instance = this.#resolveClass(found, place)
      return candy => instance.handle(candy)
    }
    return 'forPlace' in found ? (found as CountingMiddleware).forPlace() : found
  }

  #byName(name: string, place: string): Middleware<Candy> | MiddlewareClass<Candy> {
    const found = this.#registered.get(name) ?? this.#files.get(name) ?? this.#builtIn.get(name)
    if (found) return found
    const known = [...this.#registered.keys(), ...this.#files.keys(), ...this.#builtIn.keys()]
    throw bootError(
      'UNKNOWN_MIDDLEWARE',
      place,
      `there is no middleware '${name}'`,
      `Known are ${known.join(', ')}. Add a file middleware/${name}.js, or app.use('${name}', fn) before this route.`,
    )
  }
}

function checkFunction(name: string, fn: unknown, place: string): Middleware<Candy> {
  if (typeof fn === 'function') return fn as Middleware<Candy>
  throw bootError(
    'NOT_A_FUNCTION',
    place,
    `the middleware '${name}' is ${fn === undefined ? 'missing' : `of type ${typeof fn}`}`,
    'Export a function: module.exports = Candy => true, or export default.',
  )
}

function isMiddlewareClass(fn: Middleware<Candy> | MiddlewareClass<Candy>): fn is MiddlewareClass<Candy> {
  const prototype = fn.prototype as {handle?: unknown} | undefined
  return typeof prototype?.handle === 'function'
}
