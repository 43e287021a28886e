import type {IncomingMessage} from 'node:http'
import type {Identities} from '../identity/identities.js'
import {isForeign, isListed, notAllowed, type Origins} from '../handshake/origin.js'
import {CandyRequest, type Trust} from '../handshake/request.js'
import {emptyRecord} from '../handshake/target.js'
import type {Tokens} from '../identity/token.js'
import {Visit} from '../identity/visit.js'
import {allowReading} from './cors.js'
import {refusalOf} from './response.js'

export interface TokenEndpointOptions {
  readonly identities: Identities
  readonly tokens: Tokens
  readonly trust: Trust
  readonly origins: Origins
}

/**
 * `GET /_candy/token`: a CSRF token for the session; starts a session if there is none. Only our own pages, and those of
 * listed origins, may read it.
 */
export async function tokenResponse(
  options: TokenEndpointOptions,
  incoming: IncomingMessage,
): Promise<Response> {
  const {identities, tokens, trust, origins} = options
  const request = new CandyRequest(incoming, emptyRecord(), emptyRecord(), trust)
  if (isForeign(request, origins)) return refusalOf(403, {reason: notAllowed})
  const site = request.header('sec-fetch-site') ?? 'none'
  const isOwn = site === 'same-origin' || site === 'none'
  const origin = request.header('origin')
  if (!isOwn && (origin === undefined || !isListed(origin, origins)))
    return refusalOf(403, {reason: notAllowed})

  const visit = new Visit(identities, request, true)
  // Asking for the user renews a login that is a day old: a page may ask for nothing else over HTTP.
  if (identities.seals) await visit.identify()
  await visit.endIfUserRevoked()
  const session = visit.begin()
  const headers = new Headers({'Cache-Control': 'no-store'})
  allowReading(headers, request, origins)
  for (const cookie of await visit.cookies()) headers.append('Set-Cookie', cookie)
  const {sessions} = identities
  const body = {token: tokens.mint(session), expiresIn: tokens.lifetime, identity: sessions.identity(session)}
  return Response.json(body, {headers})
}
