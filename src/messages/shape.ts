import {bound, type Limit} from '../limits.js'
import {misshapen, type Refusal, type ShapeLimits} from './refusal.js'

/** For what this side says itself. */
export const anyShape: ShapeLimits = {maxDepth: 'off', maxNodes: 'off'}

/** Keys that reach a prototype when they are copied. */
export function isReservedKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

export const noObject = misshapen('', 'a message must be an object')
const reserved = 'a message must not use the keys __proto__, constructor and prototype'

/**
 * Judges the form of a parsed message before anything is built from it. The work is bounded: it ends at the first
 * fault, and after `maxNodes` values at the latest.
 *
 * @returns what is wrong; `undefined` if nothing
 */
export function shapeFault(message: unknown, limits: ShapeLimits): Refusal | undefined {
  if (!isPlainObject(message)) return noObject
  return new Walk(limits).fault(message, 1)
}

/** The message itself is counted, both ways: as one level, and as one value. */
class Walk {
  readonly #limits: ShapeLimits
  readonly #maxDepth: number
  #left: number

  constructor(limits: ShapeLimits) {
    this.#limits = limits
    this.#maxDepth = bound(limits.maxDepth)
    this.#left = bound(limits.maxNodes) - 1
  }

  /** The object or array is counted already; what is in it is not. */
  fault(container: object, depth: number): Refusal | undefined {
    if (depth > this.#maxDepth) return tooDeep(this.#limits.maxDepth)
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index += 1) {
        const fault = this.#value(container[index], depth)
        if (fault) return under(String(index), fault)
      }
      return undefined
    }
    // Not Object.entries(): the first key too many ends the walk, and the rest must not be looked at.
    for (const key in container) {
      if (isReservedKey(key)) return misshapen('', reserved)
      const fault = this.#value((container as Record<string, unknown>)[key], depth)
      if (fault) return under(key, fault)
    }
    return undefined
  }

  #value(value: unknown, depth: number): Refusal | undefined {
    this.#left -= 1
    if (this.#left < 0) return tooWide(this.#limits.maxNodes)
    return typeof value === 'object' && value !== null ? this.fault(value, depth + 1) : undefined
  }
}

function tooDeep(limit: Limit): Refusal {
  return misshapen('', `a message must be at most ${limit} levels deep`, 'maxDepth')
}

function tooWide(limit: Limit): Refusal {
  return misshapen('', `a message must hold at most ${limit} values`, 'maxNodes')
}

/** On the way back: paths are made for who is refused, not for who is looked at. */
function under(key: string, fault: Refusal): Refusal {
  if (fault.exceeded) return fault
  const {path, message} = fault.details[0]!
  return misshapen(path === '' ? key : `${key}.${path}`, message)
}
