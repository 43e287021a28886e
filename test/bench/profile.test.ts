import {expect, it} from 'vitest'
import {busiest} from './parts.js'

it('tells the functions that took the most time in themselves, without waiting and without loading code', () => {
  const frame = (id: number, functionName: string, url = '') => ({id, callFrame: {functionName, url}})
  const shares = busiest({
    nodes: [
      frame(1, '(idle)'),
      frame(2, 'writeBuffer'),
      frame(3, 'flush', 'file:///home/app/dist/connection/outbox.js'),
      frame(4, 'flush', 'file:///home/app/dist/connection/outbox.js'),
      frame(5, '', 'file:///home/app/node_modules/ws/lib/sender.js'),
      frame(6, 'wrapSafe', 'node:internal/modules/cjs/loader'),
    ],
    samples: [1, 2, 3, 4, 5, 6],
    timeDeltas: [1_000, 60, 10, 20, 10, 500],
  })
  expect(shares).toEqual([
    {name: 'writeBuffer', share: 0.6},
    {name: 'flush (connection/outbox.js)', share: 0.3},
    {name: 'anonymous (ws/lib/sender.js)', share: 0.1},
  ])
})
