import {fetchToken} from './token.js'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly withToken: boolean
  /** JSON; `undefined` for none. */
  readonly body: string | undefined
}

/** What came back, as far as a page may see it. */
export interface Called {
  readonly status: number
  readonly statusText: string
  /** Of those that a page may read, the ones that say something about the answer. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Where the answer came from, if the server sent the browser on. */
  readonly redirectedTo: string | undefined
  readonly body: string | Uint8Array
  readonly ms: number
}

const telling = [
  'content-type',
  'content-length',
  'location',
  'cache-control',
  'allow',
  'retry-after',
  'etag',
]

/**
 * Asks an HTTP route.
 *
 * @throws Error in words for who reads the page, if nobody answers
 */
export async function call({method, url, withToken, body}: Call): Promise<Called> {
  const headers = {
    ...(withToken && {'x-candy-token': await fetchToken()}),
    ...(body !== undefined && {'content-type': 'application/json'}),
  }
  const since = performance.now()
  const response = await fetch(url, {method, headers, ...(body !== undefined && {body})}).catch(
    (error: unknown) => {
      throw new Error('The server does not answer.', {cause: error})
    },
  )
  const bytes = new Uint8Array(await response.arrayBuffer())
  return {
    status: response.status,
    statusText: response.statusText,
    headers: telling.flatMap(name => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    }),
    redirectedTo: response.redirected ? response.url : undefined,
    body: isText(response.headers.get('content-type')) ? new TextDecoder().decode(bytes) : bytes,
    ms: performance.now() - since,
  }
}

function isText(type: string | null): boolean {
  return type === null || /^text\/|json|xml|javascript|x-www-form-urlencoded/.test(type)
}
