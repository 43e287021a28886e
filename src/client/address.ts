/**
 * The address of a route.
 *
 * @param base where the server is; a page needs none
 * @throws TypeError for a parameter that is missing, or cannot stand in a path, and for what is no address of a server
 */
export function addressOf(
  path: string,
  {
    params = {},
    query = {},
  }: {params?: object | undefined; query?: Readonly<Record<string, string>> | undefined},
  base: string | undefined,
): URL {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(path, name, params))
  const from = base ?? (globalThis as {location?: {href: string}}).location?.href
  if (from === undefined && !URL.canParse(filled))
    throw new TypeError(
      `Where is the server? ${path} is a path only: give the whole address, or the option url`,
    )
  const url = new URL(filled, from)
  if (!/^(?:http|ws)s?:$/.test(url.protocol))
    throw new TypeError(`${url.href} is no address of a server: http(s) and ws(s) are`)
  url.hash = ''
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
  return url
}

function segment(path: string, name: string, params: object): string {
  const value = (params as Record<string, unknown>)[name]
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  // A browser takes `.` and `..` out of a path, however they are written; slashes in one segment are refused by servers.
  if (/^\.{0,2}$|[/\\\0]/.test(text))
    throw new TypeError(`${path} needs a value for ${name}${text && `, and ${JSON.stringify(text)} is none`}`)
  return encodeURIComponent(text)
}

/** The same address for `new WebSocket()`, or for `fetch()`. */
export function withScheme(url: URL, kind: 'ws' | 'http'): URL {
  const copy = new URL(url)
  const isSecure = /^(?:https|wss):$/.test(url.protocol)
  copy.protocol = isSecure ? `${kind}s:` : `${kind}:`
  return copy
}
