import {limitEvents, type ExceededLimit} from '#candy/telemetry/limit-events.js'
import {describe, expect, it} from 'vitest'
import {metrics, scrape} from '../support/metrics.js'
import {serve} from '../support/serve.js'
import {until} from '../support/serve-handlers.js'
import {connectionLimits} from './connection-limits.js'
import {Clients, never, onConnection, type Case} from './limit-case.js'
import {requestLimits} from './request-limits.js'

/** By then nobody is answered any more: the log alone tells it. */
const atTheEnd = 'drainTimeout'

const cases: Readonly<Record<Exclude<ExceededLimit, typeof atTheEnd>, Case>> = {
  ...connectionLimits,
  ...requestLimits,
}

describe('a limit that is exceeded', () => {
  it('has a case here, whichever it is', () => {
    expect([...Object.keys(cases), atTheEnd].toSorted()).toEqual(Object.keys(limitEvents).toSorted())
  })

  const all = Object.entries(cases) as [keyof typeof cases, Case][]
  it.each(all)('is one event and one count: %s', async (limit, {options, declare, exceed, names, before}) => {
    const {app, url, port, log} = await serve({...options, metrics}, declare)
    const told = () => log.lines.filter(line => line.limit !== undefined)
    const clients = new Clients(port)
    await exceed({app, url, port, log}, clients)
    await until(() => told().some(line => line.limit === limit))

    const {samples} = await scrape(url)
    const counts = samples.filter(({name}) => name === 'candy_limit_total')
    expect(counts.map(({labels, value}) => [labels, value])).toEqual(
      [...before, limit].map(name => [{limit: name}, 1]),
    )

    clients.leave()
    await app.close({drain: 200})
    const lines = told().filter(line => line.limit === limit)
    expect(lines).toMatchObject([{...limitEvents[limit], limit}])
    const fields = Object.keys(lines[0]!).filter(
      name => !['event', 'limit', 'level', 'message'].includes(name),
    )
    expect(fields.toSorted()).toEqual(names.toSorted())
    if (names.includes('route')) expect(lines[0]!.route).toBe('/')
  })

  it('at the end of the app is one event: drainTimeout', async () => {
    const {declare, options} = onConnection({drainTimeout: 200}, undefined, ({ws}) => ws.on('close', never))
    const {app, port, url, log} = await serve({...options, metrics}, declare)
    const clients = new Clients(port)
    await clients.open()
    const closed = app.close()
    clients.leave()
    await closed
    const {event, level} = limitEvents[atTheEnd]
    expect(log.lines.filter(({limit}) => limit !== undefined)).toEqual([
      expect.objectContaining({event, level, limit: atTheEnd, connections: 1}),
    ])
    await expect(fetch(`${url}/_candy/metrics`)).rejects.toThrow('fetch failed')
  })
})
