import {memoryBus} from 'candy-ws'
import {limitEvents} from '#candy/telemetry/limit-events.js'
import {metrics as described} from '#candy/telemetry/metrics.js'
import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {metrics, scrape} from '../support/metrics.js'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

const guide = readFileSync(new URL('../../docs/guide/telemetry.md', import.meta.url), 'utf8')

it('the guide lists the event of every limit, with its level', () => {
  const listed = [...guide.matchAll(/^\| `([\w.]+)` \| (debug|warn) \| (.+) \|$/gm)].flatMap(
    ([, event, level, limits]) =>
      [...limits!.matchAll(/`(\w+)`/g)].map(([, limit]) => [limit!, {event, level}] as const),
  )
  expect(Object.fromEntries(listed)).toEqual(limitEvents)
})

it('the guide lists every metric, with its labels', async () => {
  const listed = [...guide.matchAll(/^\| `(candy_\w+)(?:\{([\w, ]+)\})?` \|/gm)].map(
    ([, name, labels]) => [name!, labels?.split(', ') ?? []] as const,
  )
  const {url, port} = await serve({bus: memoryBus(), metrics, limits: {maxUrl: 100}}, ({Route}) =>
    Route.ws('/', () => undefined, {token: false}),
  )
  await ask(port, handshake(`/${'x'.repeat(100)}`))
  const told = new Map<string, Set<string>>()
  for (const {name, labels} of (await scrape(url)).samples) {
    const metric = name.replace(/^(candy_\w+_seconds)_(?:bucket|sum|count)$/, '$1')
    const names = Object.keys(labels).filter(label => label !== 'le')
    if (metric.startsWith('candy_')) told.set(metric, new Set([...(told.get(metric) ?? []), ...names]))
  }
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries([...told].map(([name, labels]) => [name, [...labels]])),
  )
  expect([...told.keys()]).toEqual(expect.arrayContaining(described.map(({name}) => name)))
})
