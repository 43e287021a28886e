import {createServer} from 'node:http'
import {exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload} from 'jose'
import {hostServer} from './host.js'

/** Somebody who signs tokens, and publishes the key that verifies them. */
export interface Issuer {
  readonly jwk: JWK
  /** A token for an hour, of user 1, unless the claims say otherwise; `undefined` takes one away. */
  sign(claims?: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>
}

/** @param kid `null` for a key without a name */
export async function issuer(alg = 'ES256', kid: string | null = 'key-1'): Promise<Issuer> {
  const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true})
  const name = kid !== null && {kid}
  const jwk = {...(await exportJWK(publicKey)), alg, ...name}
  return {
    jwk,
    sign: (claims = {}, header = {}) =>
      new SignJWT({sub: '1', exp: secondsFromNow(3_600), ...claims})
        .setProtectedHeader({alg, ...name, ...header})
        .sign(privateKey),
  }
}

export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds
}

export interface JwksServer {
  readonly url: string
  /** How often it was asked. */
  readonly asked: number
  /** What it answers from now on: keys, a text, a status, or `null`, nothing at all. */
  answer: readonly JWK[] | string | number | null
}

/** A key set on a free port of this machine, until the test is over. */
export async function jwksServer(...keys: readonly JWK[]): Promise<JwksServer> {
  const state = {url: '', asked: 0, answer: keys as JwksServer['answer']}
  const server = createServer((_request, response) => {
    state.asked += 1
    const {answer} = state
    if (answer === null) return
    if (typeof answer === 'number') response.writeHead(answer).end()
    else response.end(typeof answer === 'string' ? answer : JSON.stringify({keys: answer}))
  })
  const {port} = await hostServer(server)
  state.url = `http://127.0.0.1:${port}/jwks.json`
  return state
}
