// How `JSON.stringify` writes one value.

// oxlint-disable-next-line no-control-regex -- JSON escapes them
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/

/** Text, where nothing in it is written otherwise than it is. */
export function jsonText(value: string): string {
  return escaped.test(value) ? JSON.stringify(value) : `"${value}"`
}

/** What JSON has no number for is `null`. */
export function jsonNumber(value: number): string {
  return value - value === 0 ? `${value}` : 'null'
}

/** Any value, as that of a property. @returns `undefined` if the property is left out */
export function jsonOf(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return jsonText(value)
  if (typeof value === 'number') return jsonNumber(value)
  if (value === true) return 'true'
  if (value === false) return 'false'
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (typeof value === 'object' && (value as {toJSON?: unknown}).toJSON === undefined)
    return JSON.stringify(value)
  return asProperty(name, value)
}

/** `toJSON` is told the name that it stands under. */
function asProperty(name: string, value: unknown): string | undefined {
  const json = JSON.stringify({[name]: value})
  return json === '{}' ? undefined : json.slice(JSON.stringify(name).length + 2, -1)
}

export const words = {jsonText, jsonNumber, jsonOf, stringify: JSON.stringify} as const
