import type {Bus} from '../rooms/bus.js'
import {busOver, type NatsBusOptions} from './nats-bus.js'
import {givenSource, type NatsConnection} from './nats-connection.js'

export type {NatsBusOptions} from './nats-bus.js'
export type {NatsConnection} from './nats-connection.js'

/**
 * A bus over your own connection of `@nats-io/transport-node` 3, which you close yourself. Make it with
 * `maxReconnectAttempts: -1`: the default gives up after ten attempts, and then nothing revives it.
 *
 * @throws TypeError
 *
 * @example
 * import {connect} from '@nats-io/transport-node'
 * export const bus = natsBus(await connect({servers: 'nats.internal', maxReconnectAttempts: -1}))
 */
export function natsBus(connection: NatsConnection, options: NatsBusOptions = {}): Bus {
  if (typeof connection?.publish !== 'function' || typeof connection.flush !== 'function')
    throw new TypeError('natsBus() takes a connection of @nats-io/transport-node, not the promise of one')
  return busOver(() => givenSource(connection), options)
}
