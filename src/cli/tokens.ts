/** A word, a sign or a comment of a text, and where it stands. */
interface Token {
  readonly text: string
  readonly line: number
}

const pattern =
  /(\/\*[^]*?\*\/|\/\/[^\n]*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([\p{L}\p{N}_$.-]+)|(\S)/gu

/**
 * What of TypeScript types, or of JSON, is left when somebody's formatter has been over it: blanks, semicolons and
 * commas, the style of quotes, quotes around names, and the bar before the first of several types say nothing.
 */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let from = 0
  for (const match of text.matchAll(pattern)) {
    line += text.slice(from, match.index).split('\n').length - 1
    from = match.index
    const token = tokenOf(match, text)
    const isFirstBar = token === '|' && /^[:=(<]$/.test(tokens.at(-1)?.text ?? '')
    if (token !== undefined && !isFirstBar) tokens.push({text: token, line})
  }
  return tokens
}

function tokenOf(match: RegExpMatchArray, text: string): string | undefined {
  const [whole, comment, single, double, word, sign] = match
  if (comment !== undefined) return comment.replaceAll(/\s+/g, ' ')
  if (word !== undefined) return word
  if (sign !== undefined) return /[;,]/.test(sign) ? undefined : sign
  const value = (single ?? double)!.replaceAll(/\\(['"])/g, '$1')
  const isName = /^\??\s*:/.test(text.slice(match.index! + whole.length))
  return isName ? value : JSON.stringify(value)
}

/** The line of the first token of one text that another does not have in its place; `undefined` if they say the same. */
export function firstDifference(there: string, wanted: string): number | undefined {
  const [a, b] = [tokensOf(there), tokensOf(wanted)]
  const index = a.findIndex((token, at) => token.text !== b[at]?.text)
  if (index >= 0) return a[index]!.line
  return a.length === b.length ? undefined : (a.at(-1)?.line ?? 1)
}
