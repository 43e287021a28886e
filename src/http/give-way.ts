import type {Server} from 'node:http'
import {Server as NetServer} from 'node:net'
import {bound} from '../limits.js'
import {Deadline} from './deadline.js'
import {endInTime, type DrainOptions, type EndParts} from './drain.js'
import {sayGoodbye} from './goodbye.js'

/** Milliseconds in which a connection that is kept for its next request may send it, and is told that it was the last. */
const keptMs = 1_000

/** Milliseconds in which a connection that was accepted before the end may say what it came for. */
const silentMs = 2_000

/**
 * Ends a server on whose port others have begun to listen: it stops listening first, so that each new connection is theirs.
 * Those that it has taken before are its own to serve, those too whose handshake comes only now: nobody is refused. Whoever is
 * connected is told 1012, and may come back at once.
 */
export function giveWay(server: Server, parts: EndParts, options: DrainOptions): Promise<void> {
  const {upgrades, activeRequests} = parts
  const {time, spread} = options
  return endInTime(parts, options, async deadline => {
    const closed = stopListening(server)
    const gone = () => Promise.all([upgrades.connections.gone(), upgrades.gone(), activeRequests.idle()])
    const kept = new Deadline(keptMs)
    upgrades.leave()
    await sayGoodbye(upgrades, {spread: Math.min(bound(spread), bound(time) / 3), longest: 0, deadline})
    await Promise.race([gone(), deadline.passed])
    await Promise.race([closed, kept.passed, deadline.passed])
    server.closeIdleConnections()
    const silent = new Deadline(silentMs)
    await Promise.race([closed, silent.passed, deadline.passed])
    await Promise.race([gone(), deadline.passed])
    kept.end()
    silent.end()
  })
}

/** Resolves once no connection is left. Unlike node's HTTP server, leaves those that wait for their next request. */
function stopListening(server: Server): Promise<void> {
  return new Promise(resolve => void NetServer.prototype.close.call(server, () => resolve()))
}
