import {memoryBus} from '#candy/rooms/memory-bus.js'
import {busContract} from '../contracts/bus.js'

busContract('memory', async () => {
  const bus = memoryBus()
  return {bus: () => bus, leaseTime: 1_000}
})
