import type {WsClient} from '../connection/ws-client.js'
import type {Hub} from '../rooms/hub.js'
import {Durations} from '../telemetry/durations.js'
import {Exposition} from '../telemetry/exposition.js'
import type {BusTraffic} from '../telemetry/bus-traffic.js'
import type {Journal} from '../telemetry/journal.js'
import type {Connections} from './connections.js'
import type {Registry} from './registry.js'
import type {Upgrades} from './upgrade.js'

export interface ExposedParts {
  readonly registry: Registry
  readonly connections: Connections
  readonly hub: Hub<WsClient>
  readonly upgrades: Upgrades
  readonly bus: BusTraffic | undefined
  readonly journal: Journal
}

/** Measures an app from now on. */
export function exposed({registry, connections, hub, upgrades, bus, journal}: ExposedParts): Exposition {
  const judged = new Durations()
  journal.onJudged = judged.add
  return new Exposition({
    routes: () => registry.measured(),
    connections: () => open(connections),
    roomCount: () => hub.roomCount,
    pendingUpgrades: () => upgrades.pendingCount,
    drainRemaining: () => (upgrades.isClosing ? connections.size : 0),
    judged,
    bus,
    journal,
  })
}

function* open(connections: Connections) {
  for (const {ws, path} of connections.keys()) {
    const {live} = ws
    if (live && live.readyState !== 3) yield {path, ...live.waiting}
  }
}
