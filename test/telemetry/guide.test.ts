import {limitEvents} from '#candy/telemetry/limit-events.js'
import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'

it('the guide lists the event of every limit, with its level', () => {
  const guide = readFileSync(new URL('../../docs/guide/telemetry.md', import.meta.url), 'utf8')
  const listed = [...guide.matchAll(/^\| `([\w.]+)` \| (debug|warn) \| (.+) \|$/gm)].flatMap(
    ([, event, level, limits]) =>
      [...limits!.matchAll(/`(\w+)`/g)].map(([, limit]) => [limit!, {event, level}] as const),
  )
  expect(Object.fromEntries(listed)).toEqual(limitEvents)
})
