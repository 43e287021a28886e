import {make} from './element.js'

/** Beyond that many characters text is shown as it came: thousands of elements help nobody read. */
const mostCharacters = 60_000

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g

/** JSON on lines of its own, its kinds of values told apart; other text as it is. */
export function pretty(text: string): Node[] {
  if (text.length > mostCharacters || !isJson(text)) return [document.createTextNode(text)]
  return layOut(text).map(({text, kind}) =>
    kind ? make('span', {class: `json-${kind}`}, text) : document.createTextNode(text),
  )
}

interface Piece {
  readonly text: string
  readonly kind: 'name' | 'text' | 'value' | undefined
}

/**
 * The text of JSON, laid out, and not what parsing makes of it: numbers keep every digit, and a name that is there twice
 * shows twice.
 */
export function layOut(json: string): Piece[] {
  const all = json.match(tokens) ?? []
  let depth = 0
  return all.map((token, n) => {
    const [before, next] = [all[n - 1], all[n + 1]]
    const line = (step: number) => `\n${'  '.repeat((depth += step))}`
    switch (token) {
      case '{':
      case '[':
        return plain(next === '}' || next === ']' ? token : token + line(1))
      case '}':
      case ']':
        return plain(before === '{' || before === '[' ? token : line(-1) + token)
      case ',':
        return plain(token + line(0))
      case ':':
        return plain(': ')
      default:
        return {text: token, kind: kindOf(token, next)}
    }
  })
}

const plain = (text: string): Piece => ({text, kind: undefined})

function kindOf(token: string, next: string | undefined): Piece['kind'] {
  if (next === ':') return 'name'
  return token.startsWith('"') ? 'text' : 'value'
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
