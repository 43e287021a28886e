import {emptyRecord} from '../handshake/target.js'
import type {Pattern, Segment} from './pattern.js'

export interface Match<T> {
  readonly value: T
  /** Parameter values by name, decoded; nothing is inherited, so no name can collide. */
  readonly params: Readonly<Record<string, string>>
}

/** A parameter's name, and which segment is its value. */
interface Parameter {
  readonly name: string
  readonly at: number
}

/**
 * Most nodes have one way on, or none. A map for each of these would put ten thousand routes out of the processor's
 * reach, where a match spends its time; so a single way on stands in the node itself.
 */
interface Node<T> {
  /** The first literal way on, and where it leads. */
  literal: string | undefined
  next: Node<T> | undefined
  /** Made for the second one; then it holds the first one too. */
  literals: Map<string, Node<T>> | undefined
  parameter: Node<T> | undefined
  /** The parameters of the route that ends here; `undefined` where none does. */
  params: readonly Parameter[] | undefined
  value: T | undefined
}

/**
 * Addresses of one kind: a trie with one step per segment, so a match costs the length of the path and
 * not the number of routes. A literal beats a parameter, the earlier segment first, with back-tracking.
 */
export class Table<T> {
  readonly #root = node<T>()
  /** Lists of parameters by what they say: routes that say the same share one. */
  readonly #params = new Map<string, readonly Parameter[]>()

  /** Adds a value, or returns the one that already stands for the same addresses. */
  add(pattern: Pattern, value: T): T | undefined {
    let at = this.#root
    for (const segment of pattern.segments) at = step(at, segment)
    if (at.params) return at.value
    at.params = this.#shared(paramsOf(pattern))
    at.value = value
    return undefined
  }

  /**
   * @param segments decoded path segments, without the leading slash
   * @param visit called once per node looked at; tests bound the work with it
   */
  match(segments: readonly string[], visit?: () => void): Match<T> | undefined {
    const found = find(this.#root, segments, 0, visit)
    if (!found?.params) return undefined
    const params = emptyRecord()
    for (const {name, at} of found.params) params[name] = segments[at]!
    return {value: found.value as T, params}
  }

  #shared(params: readonly Parameter[]): readonly Parameter[] {
    const key = params.map(({name, at}) => `${at} ${name}`).join()
    const shared = this.#params.get(key) ?? params
    this.#params.set(key, shared)
    return shared
  }
}

function paramsOf({segments}: Pattern): readonly Parameter[] {
  return segments.flatMap((segment, at) => ('parameter' in segment ? {name: segment.parameter, at} : []))
}

function node<T>(): Node<T> {
  return {
    literal: undefined,
    next: undefined,
    literals: undefined,
    parameter: undefined,
    params: undefined,
    value: undefined,
  }
}

function step<T>(at: Node<T>, segment: Segment): Node<T> {
  if ('parameter' in segment) return (at.parameter ??= node())
  const {literal} = segment
  const there = literalNext(at, literal)
  if (there) return there
  const next = node<T>()
  if (at.literal === undefined) {
    at.literal = literal
    at.next = next
  } else {
    at.literals ??= new Map([[at.literal, at.next!]])
    at.literals.set(literal, next)
  }
  return next
}

function literalNext<T>(at: Node<T>, segment: string): Node<T> | undefined {
  if (at.literals) return at.literals.get(segment)
  return at.literal === segment ? at.next : undefined
}

function find<T>(
  at: Node<T>,
  segments: readonly string[],
  depth: number,
  visit: (() => void) | undefined,
): Node<T> | undefined {
  visit?.()
  if (depth === segments.length) return at.params ? at : undefined
  const segment = segments[depth]!
  const literal = literalNext(at, segment)
  const found = literal && find(literal, segments, depth + 1, visit)
  if (found || !at.parameter || segment === '') return found
  return find(at.parameter, segments, depth + 1, visit)
}
