import {WebSocket} from 'ws'
import type {App} from '../app.js'
import {candyProtocol, tokenPrefix} from '../handshake/protocol.js'
import {TestClient} from './client.js'

export interface ConnectOptions {
  /** `true` asks the server for one; a string is sent as it is; `false` sends none. Default `true`. */
  token?: boolean | string
  /** Sent with the handshake, and with the question for a token. */
  headers?: Readonly<Record<string, string>>
  /** Offered before the token. Default `['candy.v1']`. */
  protocols?: readonly string[]
  origin?: string
}

/** The handshake was answered with an HTTP status. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  constructor(readonly status: number) {
    super(`the handshake was answered with HTTP ${status}`)
  }
}

/**
 * Connects over a real socket. An app that does not listen yet begins to, on a free port of 127.0.0.1.
 * A refusal with a close code shows as `closed`.
 *
 * @param path path and query: `/room/7?as=guest`
 * @throws HandshakeError for a refusal with an HTTP status
 *
 * @example
 * ```ts
 * const client = await connect(app, '/room/7')
 * client.send({type: 'say', text: 'hi', ref: 1})
 * expect(await client.next()).toEqual({type: 'reply', ref: 1, data: null})
 * ```
 */
export async function connect(
  target: App | string,
  path: string,
  options: ConnectOptions = {},
): Promise<TestClient> {
  const url = typeof target === 'string' ? target : await urlOf(target)
  const {token = true, protocols = [candyProtocol], headers = {}, origin} = options
  const session = token === true ? await fetchToken(url, headers) : undefined
  const offered = token === false ? undefined : (session?.token ?? (token as string))
  const cookie = [headers.cookie, session?.cookie].filter(Boolean).join('; ')
  const socket = new WebSocket(
    new URL(url).origin.replace(/^http/, 'ws') + path,
    offered === undefined ? [...protocols] : [...protocols, tokenPrefix + offered],
    {headers: {...headers, ...(cookie && {cookie})}, ...(origin !== undefined && {origin})},
  )
  return opened(socket)
}

const beginning = new WeakMap<App, Promise<{url: string}>>()

/** Clients that connect at once find one beginning, not each its own. */
async function urlOf(app: App): Promise<string> {
  if (app.url !== undefined) return app.url
  const begun = beginning.get(app) ?? app.listen({port: 0})
  beginning.set(app, begun)
  return (await begun).url
}

/** A token and the session cookie it belongs to. */
export async function fetchToken(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{token: string; cookie: string | undefined}> {
  const response = await fetch(new URL('/_candy/token', url), {headers})
  const {token} = (await response.json()) as {token: string}
  return {token, cookie: response.headers.get('set-cookie')?.split(';')[0]}
}

/** Listens from the first tick: a late listener loses frames. `open` comes before the first of them. */
function opened(socket: WebSocket): Promise<TestClient> {
  return new Promise((resolve, reject) => {
    let client: TestClient | undefined
    socket.on('open', () => {
      client = new TestClient(
        {
          send: data => socket.send(data),
          close: (code, reason) => socket.close(code, reason),
          terminate: () => socket.terminate(),
        },
        socket.protocol,
      )
      resolve(client)
    })
    socket.on('message', (data, binary) => client?.receive(data as Buffer, binary))
    socket.on('close', (code, reason) => client?.end({code, reason: reason.toString()}))
    socket.on('unexpected-response', (request, response) => {
      reject(new HandshakeError(response.statusCode ?? 0))
      request.destroy()
    })
    socket.on('error', reject)
  })
}
