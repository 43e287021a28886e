import {limitEvents, type ExceededLimit} from '#candy/telemetry/limit-events.js'
import {Journal} from '#candy/telemetry/journal.js'
import {expect, it} from 'vitest'
import {memoryLogger} from '../support/log.js'

it('tells every limit that was exceeded, with its event and level, and counts it', () => {
  const log = memoryLogger()
  const journal = new Journal(log)
  const limits = Object.keys(limitEvents) as ExceededLimit[]
  for (const limit of [...limits, ...limits]) journal.exceeded(limit, {route: '/room/{id}'})
  for (const limit of limits) {
    expect(journal.exceededCounts.of(limit)).toBe(2)
    expect(log.lines).toContainEqual({
      ...limitEvents[limit],
      limit,
      route: '/room/{id}',
      message: `limit exceeded: ${limit}`,
    })
  }
})

it('counts refused handshakes by code and reason', () => {
  const journal = new Journal(memoryLogger())
  for (const why of ['missing', 'missing', 'expired']) journal.refused(4002, why)
  expect([...journal.refusals]).toEqual([
    {code: 4002, why: 'missing', count: 2},
    {code: 4002, why: 'expired', count: 1},
  ])
})
