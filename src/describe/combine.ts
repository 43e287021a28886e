import type {JsonSchema} from './description.js'

type Keywords = Record<string, unknown>

/** What of two values counts where both must hold; `undefined` if there is no one value that says both. */
type Meet = (a: never, b: never) => unknown

const larger: Meet = (a: number, b: number) => Math.max(a, b)
const smaller: Meet = (a: number, b: number) => Math.min(a, b)

const meets: Readonly<Record<string, Meet>> = {
  type: (a: string, b: string) => (a === 'number' && b === 'integer' ? b : a),
  enum: (a: readonly unknown[], b: readonly unknown[]) =>
    a.filter(one => b.some(other => isSame(one, other))),
  minimum: larger,
  minLength: larger,
  minItems: larger,
  exclusiveMinimum: larger,
  maximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  exclusiveMaximum: smaller,
  items: (a: JsonSchema, b: JsonSchema) => combine([a, b]),
  additionalProperties: (a: JsonSchema, b: JsonSchema) => combine([a, b]),
  description: (a: string, b: string) => `${a}; ${b}`,
}

/** One schema for what must all hold: each rule says its own. Of types that exclude each other, the first one stays. */
export function combine(schemas: readonly JsonSchema[]): JsonSchema {
  const all: Keywords = {}
  const beside: JsonSchema[] = []
  for (const [keyword, value] of schemas.flatMap(schema => Object.entries(schema as Keywords))) {
    if (isBound(keyword) && !Number.isFinite(value)) continue
    if (!(keyword in all)) all[keyword] = keyword === 'items' ? combine([value as JsonSchema]) : value
    else if (isSame(all[keyword], value)) continue
    else if (meets[keyword]) all[keyword] = meets[keyword](all[keyword] as never, value as never)
    else beside.push({[keyword]: value})
  }
  // Of no value at all: an empty enum is none, by the schema of schemas.
  if (Array.isArray(all['enum']) && all['enum'].length === 0) return {not: {}}
  return beside.length > 0 ? {...all, allOf: beside} : all
}

/** A bound takes a number: `@Max(Infinity)` is none, and JSON has no word for it. */
function isBound(keyword: string): boolean {
  return meets[keyword] === larger || meets[keyword] === smaller
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
