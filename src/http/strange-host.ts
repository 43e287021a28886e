import type {IncomingMessage} from 'node:http'
import {isIP} from 'node:net'
import {isListed, type Origins} from '../handshake/origin.js'
import {compileTrust} from '../handshake/request.js'

export interface HostPolicy {
  readonly origins: Origins
  /** Whether there is a proxy, which passes on whatever name the app has outside. */
  readonly trustsProxies: boolean
}

const isLoopback = compileTrust(['loopback'])

/**
 * Whether a request that came over loopback names a host which is not this computer: a page whose own name was pointed
 * here (DNS rebinding). To the browser we are its own origin then, Origin equals `Host`, and it may read all that we say.
 * An address and `localhost` cannot be pointed elsewhere. For development only: a proxy in front looks the same.
 */
export function isStrangeHost(
  {headers: {host}, socket}: IncomingMessage,
  {origins, trustsProxies}: HostPolicy,
): boolean {
  if (host === undefined || trustsProxies || !isLoopback(socket.localAddress ?? '', 0)) return false
  const name = host.toLowerCase().replace(/:\d*$/, '')
  const isOurs = isIP(name.replace(/^\[(.*)\]$/, '$1')) > 0 || /^(?:.+\.)?localhost$/.test(name)
  return !isOurs && !['http', 'https'].some(scheme => isListed(`${scheme}://${host.toLowerCase()}`, origins))
}

/** What the developer is told, who may have given the computer a name. */
export const strangeHostRemedy =
  'This is another name than localhost. If it is one of yours, list it in origins; behind a proxy, set trustProxy.'
