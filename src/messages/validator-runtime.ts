import type {Container, Conversion} from './transformer.js'
import {NotCompilable, type ClassPlan} from './validator-plan.js'

// What generated code has in common, whatever the class.

/**
 * `walk`: what no class describes is looked through for its shape, and kept as it came. `boxed`: sets, maps and
 * conversions are made by a function that counts nothing, so their shape is judged, and all that is in them counted,
 * before. Then nothing runs out while they are made: what is left of the count must not end the making half way.
 */
export const runtime = `
function walk(v, depth) {
  if (typeof v !== 'object' || v === null) return
  if (depth > deepest) { bad = true; return }
  if (Array.isArray(v)) {
    left -= v.length
    for (let i = 0; i < v.length && left >= 0 && !bad; i++) walk(v[i], depth + 1)
    return
  }
  for (const k in v) {
    if (--left < 0 || k === '__proto__' || k === 'constructor' || k === 'prototype') { bad = true; return }
    walk(v[k], depth + 1)
    if (bad) return
  }
}
function boxed(v, make, depth) {
  walk(v, depth)
  if (bad || left < 0) return v
  const rest = left
  left = Infinity
  const made = make(v)
  left = rest
  return made
}`

/** For `each: true`: a value that is no list is judged itself. */
export function each(value: unknown, test: (item: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.every(test)
  if (value instanceof Set || value instanceof Map) return [...value.values()].every(test)
  return test(value)
}

/** Makes what `@Type()` says of each item, in the container of the property. */
export function contained(value: unknown, item: (value: unknown) => unknown, container: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map(one => contained(one, item, 'array'))
    return container === 'set' ? new Set(items) : items
  }
  if (container !== 'map') return item(value)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, one]) => [key, contained(one, item, 'array')]))
}

/** What cannot be converted stays what it is: the rules of the property judge it. */
export function converted(value: unknown, {convert}: Conversion, container: Container): unknown {
  const item = (one: unknown) => {
    try {
      return convert(one)
    } catch {
      return one
    }
  }
  return contained(value, item, container)
}

/** Whether a message may bring what the class has under a name: a field or nothing, never a method. */
export function mayKeep(instance: object, key: string): boolean {
  if (typeof (instance as Record<string, unknown>)[key] === 'function') return false
  for (let at: unknown = Object.getPrototypeOf(instance); at; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key)
    if (descriptor) return descriptor.set !== undefined
  }
  return true
}

/** A field that is kept without a rule, as `@Type()` makes it. */
export function keptOf({strays}: ClassPlan): (key: string, value: unknown) => unknown {
  return (key, value) => {
    const stray = strays.get(key)
    return stray && 'convert' in stray.to ? converted(value, stray.to, stray.container) : value
  }
}

/** An initialiser put something else there than `@Type()` says. */
export function foreign(value: object): NotCompilable {
  return new NotCompilable(`a ${value.constructor.name} stands where @Type() says otherwise`)
}
