import {request as requestHttp, type IncomingHttpHeaders} from 'node:http'
import {request as requestHttps} from 'node:https'
import {text} from 'node:stream/consumers'
import {connect, type TestClient} from 'candy-ws/testing'
import {tlsClient} from './tls.js'

/** A cookie as it is kept. */
export interface Cookie {
  readonly value: string
  /** In the order they came: `Max-Age=604800`, `Path=/`, `HttpOnly`. */
  readonly attributes: readonly string[]
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The `Set-Cookie` lines as they came. */
  readonly setCookies: readonly string[]
  json(): unknown
}

export interface PostOptions {
  /** Default: a fresh one; `false` sends none. */
  readonly token?: string | false
  /** Sends a form, and the token as its field `_token`; default: JSON, and the token as a header. */
  readonly form?: boolean
}

/** One browser: its cookies, and what the pages of one site do with them. */
export class Browser {
  readonly cookies: Map<string, Cookie>
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  /** @param headers sent with every request, as a proxy before the site would */
  constructor(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    cookies = new Map<string, Cookie>(),
  ) {
    this.#url = url
    this.#headers = headers
    this.cookies = cookies
  }

  /** Somebody who copied the cookies. */
  copy(): Browser {
    return new Browser(this.#url, this.#headers, new Map(this.cookies))
  }

  /** Puts a cookie there by other means than an answer. */
  plant(name: string, value: string): this {
    this.cookies.set(name, {value, attributes: []})
    return this
  }

  /** Of its pages, as the browser sees them: before the proxy, if there is one. */
  get origin(): string {
    const {protocol, host} = new URL(this.#url)
    return `${this.#headers['x-forwarded-proto'] ?? protocol.slice(0, -1)}://${host}`
  }

  /** The `Cookie` header; '' for none. */
  get cookie(): string {
    return [...this.cookies].map(([name, {value}]) => `${name}=${value}`).join('; ')
  }

  /** The session's id. */
  get session(): string | undefined {
    return (this.cookies.get('__Host-candy_session') ?? this.cookies.get('candy_session'))?.value
  }

  /** The sealed user. */
  get seal(): string | undefined {
    return (this.cookies.get('__Host-candy_user') ?? this.cookies.get('candy_user'))?.value
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask('GET', path, headers)
  }

  async post(path: string, fields: object = {}, {token, form = false}: PostOptions = {}): Promise<Answer> {
    const sent = token ?? (await this.token())
    const headers = {Origin: this.origin}
    if (form) {
      const type = {'Content-Type': 'application/x-www-form-urlencoded'}
      const body = new URLSearchParams({...fields, ...(sent !== false && {_token: sent})})
      return this.#ask('POST', path, {...headers, ...type}, body.toString())
    }
    const type = {'Content-Type': 'application/json', ...(sent !== false && {'X-Candy-Token': sent})}
    return this.#ask('POST', path, {...headers, ...type}, JSON.stringify(fields))
  }

  /** A fresh token, from `/_candy/token`. */
  async token(): Promise<string> {
    const answer = await this.get('/_candy/token', {'Sec-Fetch-Site': 'same-origin'})
    return (answer.json() as {token: string}).token
  }

  /** Opens a socket. @param token default: a fresh one */
  async connect(path: string, {token}: {token?: string | false} = {}): Promise<TestClient> {
    const offered = token ?? (await this.token())
    return connect(this.#url, path, {
      token: offered,
      origin: this.origin,
      headers: {...this.#headers, ...(this.cookies.size > 0 && {cookie: this.cookie})},
    })
  }

  async #ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body = '',
  ): Promise<Answer> {
    const cookie = this.cookies.size > 0 && {Cookie: this.cookie}
    const length = {'Content-Length': Buffer.byteLength(body)}
    const answer = await ask(
      this.#url + path,
      method,
      {...this.#headers, ...cookie, ...length, ...headers},
      body,
    )
    for (const line of answer.setCookies) this.#keep(line)
    return answer
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, {value, attributes})
  }
}

function ask(url: string, method: string, headers: object, body: string): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asking = request(url, {method, headers: {...headers}, agent: false, ...tlsClient}, answer => {
      text(answer).then(
        received =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            text: received,
            setCookies: answer.headers['set-cookie'] ?? [],
            json: () => JSON.parse(received) as unknown,
          }),
        reject,
      )
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
