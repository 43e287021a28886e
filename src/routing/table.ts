import type {Pattern, Segment} from './pattern.js'

export interface Match<T> {
  readonly value: T
  /** Parameter values by name, decoded; no prototype, so no name can collide. */
  readonly params: Readonly<Record<string, string>>
}

interface Node<T> {
  /** Most nodes are ends: without a map each, ten thousand routes stay near the processor. */
  literals: Map<string, Node<T>> | undefined
  parameter: Node<T> | undefined
  /** Parameter names of the route that ends here; `undefined` where none does. In the node itself: one look less. */
  names: readonly string[] | undefined
  value: T | undefined
}

/**
 * Addresses of one kind: a trie with one step per segment, so a match costs the length of the path and
 * not the number of routes. A literal beats a parameter, the earlier segment first, with back-tracking.
 */
export class Table<T> {
  readonly #root = node<T>()

  /** Adds a value, or returns the one that already stands for the same addresses. */
  add(pattern: Pattern, value: T): T | undefined {
    let at = this.#root
    for (const segment of pattern.segments) at = step(at, segment)
    if (at.names) return at.value
    at.names = pattern.params
    at.value = value
    return undefined
  }

  /**
   * @param segments decoded path segments, without the leading slash
   * @param visit called once per node looked at; tests bound the work with it
   */
  match(segments: readonly string[], visit?: () => void): Match<T> | undefined {
    const values: string[] = []
    const found = find(this.#root, segments, 0, values, visit)
    if (!found?.names) return undefined
    const params: Record<string, string> = Object.create(null)
    found.names.forEach((name, index) => (params[name] = values[index]!))
    return {value: found.value as T, params}
  }
}

function node<T>(): Node<T> {
  return {literals: undefined, parameter: undefined, names: undefined, value: undefined}
}

function step<T>(at: Node<T>, segment: Segment): Node<T> {
  if ('parameter' in segment) return (at.parameter ??= node())
  at.literals ??= new Map()
  let next = at.literals.get(segment.literal)
  if (!next) at.literals.set(segment.literal, (next = node()))
  return next
}

function find<T>(
  at: Node<T>,
  segments: readonly string[],
  depth: number,
  values: string[],
  visit: (() => void) | undefined,
): Node<T> | undefined {
  visit?.()
  if (depth === segments.length) return at.names ? at : undefined
  const segment = segments[depth]!
  const literal = at.literals?.get(segment)
  const viaLiteral = literal && find(literal, segments, depth + 1, values, visit)
  if (viaLiteral) return viaLiteral
  if (!at.parameter || segment === '') return undefined
  values.push(segment)
  const viaParameter = find(at.parameter, segments, depth + 1, values, visit)
  if (!viaParameter) values.pop()
  return viaParameter
}
