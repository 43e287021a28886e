/** A request target, taken apart once: split first, then each segment decoded once, never normalised again. */
export interface Target {
  /** Decoded, without the leading slash; a trailing slash is dropped. */
  readonly segments: readonly string[]
  /** The query by name; the first of repeated names counts. */
  readonly query: Readonly<Record<string, string>>
}

/** The HTTP status that refuses a target: 400 malformed, 414 too long (RFC 9110, section 15.5). */
export type TargetRefusal = 400 | 414

/** What could make two parsers read two different paths out of one text. */
const ambiguous = /%2f|%5c/i

/** Reads a request target in origin form (RFC 9112, section 3.2.1): exactly one leading slash, no dot segments. */
export function parseTarget(text: string, maxLength: number): Target | TargetRefusal {
  if (text.length > maxLength) return 414
  if (!text.startsWith('/') || text.startsWith('//')) return 400
  if (text.includes('#') || text.includes('\\')) return 400
  const mark = text.indexOf('?')
  const end = mark < 0 ? text.length : mark
  const encoded = text.includes('%')
  if (encoded && (text.includes('%00') || ambiguous.test(text.slice(0, end)))) return 400

  const segments: string[] = []
  for (let from = 1; from < end;) {
    const slash = text.indexOf('/', from)
    const to = slash < 0 || slash > end ? end : slash
    const raw = text.slice(from, to)
    const segment = encoded ? decode(raw) : raw
    if (segment === undefined || segment === '.' || segment === '..') return 400
    segments.push(segment)
    from = to + 1
  }

  const query = mark < 0 ? noQuery : parseQuery(text.slice(mark + 1))
  return query ? {segments, query} : 400
}

/** Names and values as `application/x-www-form-urlencoded` has them; `undefined` if one is malformed. */
export function parseQuery(text: string): Record<string, string> | undefined {
  const query = emptyRecord()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodePlus(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodePlus(pair.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    query[name] ??= value
  }
  return query
}

/** A record without a prototype: `__proto__` and `constructor` are names like any other. */
export function emptyRecord(): Record<string, string> {
  return new (EmptyRecord as unknown as new () => Record<string, string>)()
}

/** A constructor with an empty prototype: objects of it stay fast, where `Object.create(null)` makes a hash table. */
function EmptyRecord() {}
EmptyRecord.prototype = Object.freeze(Object.create(null) as object)

const noQuery = Object.freeze(emptyRecord())

const decodePlus = (text: string) => decode(text.replaceAll('+', ' '))

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
