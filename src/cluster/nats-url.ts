import type {Bus} from '../rooms/bus.js'
import {installed, MissingPackage} from './missing-package.js'
import {busOver, type NatsBusOptions} from './nats-bus.js'
import {DialledSource} from './nats-connection.js'

/**
 * A bus over a connection of its own, `nats://` or `tls://`; each node has one.
 *
 * @param url with `?prefix=`, if any
 * @throws MissingPackage; TypeError in words that keep the URL's secrets
 */
export async function natsBusFrom(url: string, options: NatsBusOptions = {}): Promise<Bus> {
  const {prefix, ...server} = parse(url)
  const library = await installed(() => import('@nats-io/transport-node'))
  if (!library) throw new MissingPackage(['@nats-io/transport-node'])
  const settings = {
    ...server,
    name: 'candy-ws',
    // Nothing of what a node says is for itself.
    noEcho: true,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 400,
    reconnectJitter: 100,
    reconnectJitterTLS: 100,
    timeout: 5_000,
    // A line that is dead without a word is cut after three of these.
    pingInterval: 10_000,
    maxPingOut: 2,
  }
  return busOver(() => new DialledSource(() => library.connect({...settings})), {
    ...(prefix !== undefined && {prefix}),
    ...options,
  })
}

interface Server {
  readonly servers: string
  readonly prefix?: string
  readonly tls?: object
  readonly token?: string
  readonly user?: string
  readonly pass?: string
}

/** No error quotes it: it may hold a password. */
function parse(url: string): Server {
  if (!URL.canParse(url)) throw new TypeError('the URL of NATS is none')
  const {protocol, host, username, password, pathname, searchParams} = new URL(url)
  if (protocol !== 'nats:' && protocol !== 'tls:') throw new TypeError('NATS has a URL of nats:// or tls://')
  if (!host || !/^\/?$/.test(pathname)) throw new TypeError('the URL of NATS has a host, and no path')
  for (const name of searchParams.keys())
    if (name !== 'prefix') throw new TypeError('the URL of NATS takes ?prefix= and nothing else')
  const prefix = searchParams.get('prefix')
  const [user, pass] = [decoded(username), decoded(password)]
  return {
    servers: host,
    ...(prefix !== null && {prefix}),
    ...(protocol === 'tls:' && {tls: {}}),
    ...(pass ? {user, pass} : user && {token: user}),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TypeError('user and password in the URL of NATS must be percent-encoded')
  }
}
