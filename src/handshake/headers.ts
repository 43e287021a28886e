import type {IncomingHttpHeaders} from 'node:http'

/**
 * Headers in one text, a line for each: a connection keeps them as long as it lasts, and an object of them takes several
 * times the memory.
 */
export function packHeaders(headers: IncomingHttpHeaders): string {
  const parts: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined)
      parts.push('\n', name, ': ', typeof value === 'string' ? value : value.join(', '))
  }
  parts.push('\n')
  // Joined, and not added up: a sum keeps its parts.
  return parts.join('')
}

/** @param name in lower case */
export function findHeader(text: string, name: string): string | undefined {
  const before = `\n${name}: `
  const found = text.indexOf(before)
  // What is not the name of a header could stand across two of them.
  if (found < 0 || /\n|.:/.test(name)) return undefined
  const from = found + before.length
  return text.slice(from, text.indexOf('\n', from))
}
