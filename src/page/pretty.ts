import {make} from './element.js'

/** Beyond that many characters text is shown as it came: thousands of elements help nobody read. */
const mostCharacters = 60_000

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g

/**
 * JSON on lines of its own, its kinds of values told apart; other text as it is. The text itself is laid out, not what
 * parsing makes of it: numbers keep every digit, and a name that is there twice shows twice.
 */
export function pretty(text: string): Node[] {
  if (text.length > mostCharacters || !isJson(text)) return [document.createTextNode(text)]
  const all = text.match(tokens) ?? []
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  return all
    .flatMap((token, n): (string | Node)[] => {
      const next = all[n + 1]
      switch (token) {
        case '{':
        case '[':
          if (next === '}' || next === ']') return [token]
          depth += 1
          return [token, line()]
        case '}':
        case ']': {
          const before = all[n - 1]
          if (before === '{' || before === '[') return [token]
          depth -= 1
          return [line(), token]
        }
        case ',':
          return [token, line()]
        case ':':
          return [': ']
        default:
          return [make('span', {class: kindOf(token, next)}, token)]
      }
    })
    .map(part => (typeof part === 'string' ? document.createTextNode(part) : part))
}

function kindOf(token: string, next: string | undefined): string {
  if (next === ':') return 'json-name'
  return token.startsWith('"') ? 'json-text' : 'json-value'
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Bytes as they are written: sixteen to a line, with their place before them and what they spell behind. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const spelled = [...row]
      .map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex(row).padEnd(47)}  ${spelled}`)
  }
  return lines.join('\n')
}

/** `01 02 ff` */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
}

/** The bytes that hex digits say; `undefined` for what is no hex. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/\s+|0x/g, '')
  if (digits.length % 2 === 1 || /[^\da-f]/i.test(digits)) return undefined
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
