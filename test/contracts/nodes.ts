import type {Bus} from 'candy-ws'
import {afterAll, afterEach, beforeAll, describe} from 'vitest'
import {Cluster, type ClusterNode} from '../support/cluster.js'
import {namesAcrossNodes} from './nodes-names.js'
import {presenceAcrossNodes} from './nodes-presence.js'
import {revocationAcrossNodes} from './nodes-revocation.js'
import {roomsAcrossNodes} from './nodes-rooms.js'
import {trafficAcrossNodes} from './nodes-traffic.js'
import {usersAcrossNodes} from './nodes-users.js'

/** What joins the nodes under test. */
export interface NodesWorld {
  /** Begins one more node. */
  node(): Promise<ClusterNode>
  /** For who serves nothing. */
  readonly bus: string | Bus
  /** How many nodes are subscribed to a channel, as the bus knows it. */
  subscribers(channel: string): Promise<number>
  close?(): Promise<void>
}

/** What the tests of one bus share: three nodes. */
export interface Across {
  readonly cluster: Cluster
  readonly world: NodesWorld
}

/** Milliseconds that somebody may be gone without others being told, in every node under test. */
export const grace = 700

/** What one app promises holds for three nodes of it, over whichever bus. */
export function nodesContract(name: string, make: () => Promise<NodesWorld>): void {
  describe(`nodes: ${name}`, {timeout: 60_000}, () => {
    let across: Across
    beforeAll(async () => {
      const world = await make()
      across = {world, cluster: await Cluster.of(world.node(), world.node(), world.node())}
    }, 120_000)
    afterEach(() => across.cluster.forget())
    afterAll(async () => {
      await across?.cluster.end()
      await across?.world.close?.()
    })

    roomsAcrossNodes(() => across)
    namesAcrossNodes(() => across)
    usersAcrossNodes(() => across)
    presenceAcrossNodes(() => across)
    revocationAcrossNodes(() => across)
    trafficAcrossNodes(() => across)
  })
}
