import {leaseTime as defaultLeaseTime, type Bus} from '../rooms/bus.js'
import type {NatsSource} from './nats-connection.js'
import {NatsLink} from './nats-link.js'

export interface NatsBusOptions {
  /** Before the subjects of this app, several tokens if you like. Default `candy`. */
  readonly prefix?: string
  /** Milliseconds after which a node that has died is gone. Default 60 s; all nodes must have the same. */
  readonly leaseTime?: number
}

/** @param source is asked for each node. @throws TypeError */
export function busOver(source: () => NatsSource, options: NatsBusOptions): Bus {
  const {prefix = 'candy', leaseTime = defaultLeaseTime} = options
  if (typeof prefix !== 'string' || !/^[\w-]{1,64}(?:\.[\w-]{1,64}){0,7}$/.test(prefix))
    throw new TypeError(
      'prefix must be one to eight words of letters, digits, - and _ with dots between them',
    )
  if (!Number.isFinite(leaseTime) || leaseTime < 1_000 || leaseTime > 86_400_000)
    throw new TypeError('leaseTime must be milliseconds, from 1,000 to a day')
  return {kind: 'nats', connect: node => new NatsLink({node, source: source(), prefix, leaseTime})}
}
