import type {IncomingHttpHeaders} from 'node:http'

/**
 * Headers in one text, a line for each: a connection keeps them as long as it lasts, and an object of them takes several
 * times the memory.
 */
export function packHeaders(headers: IncomingHttpHeaders): string {
  const lines = ['']
  for (const [name, value] of Object.entries(headers))
    lines.push(`${name}: ${Array.isArray(value) ? value.join(', ') : value!}`)
  return lines.concat('').join('\n')
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
