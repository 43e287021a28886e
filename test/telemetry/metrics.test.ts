import type {Candy} from 'candy-ws'
import {connect} from 'candy-ws/testing'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {frame, rawClient} from '../support/frames.js'
import {metrics, scrape} from '../support/metrics.js'
import {serve} from '../support/serve.js'
import {serve as serveHandlers, signal} from '../support/serve-handlers.js'

const token = false

describe('candy_messages_total and candy_bytes_total', () => {
  it('count in both directions: received without the heads of frames, written with them', async () => {
    const {app, url} = await serve({metrics}, ({Route}) => {
      Route.ws('/{id}', ({ws}) => ws.on('message', data => ws.send(data)), {token})
      Route.ws('/other', () => undefined, {token})
    })
    const client = await connect(app, '/7', {token})
    for (const message of ['four', Buffer.alloc(300), '€']) {
      client.send(message)
      await client.next()
    }
    const told = await scrape(url)
    const of = (name: string, route: string) =>
      ['in', 'out'].map(direction => told.value(`candy_${name}_total`, {route, direction}))
    expect(of('messages', '/{id}')).toEqual([3, 3])
    // A head is 2 bytes long, and 4 above 125 bytes (RFC 6455, section 5.2).
    expect(of('bytes', '/{id}')).toEqual([307, 307 + 2 + 4 + 2])
    expect([of('messages', '/other'), of('bytes', '/other')]).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('count each client of a room', async () => {
    const {app, url} = await serve({metrics}, ({Route}) => {
      Route.ws('/', ({ws}) => void ws.join('all'), {token})
    })
    const clients = await Promise.all([1, 2, 3].map(() => connect(app, '/', {token})))
    app.Route.wsServer.toRoom('all', 'four')
    for (const client of clients) await client.next()
    const told = await scrape(url)
    expect(told.value('candy_messages_total', {route: '/', direction: 'out'})).toBe(3)
    expect(told.value('candy_bytes_total', {route: '/', direction: 'out'})).toBe(18)
    expect([told.value('candy_rooms'), told.value('candy_connections', {route: '/'})]).toEqual([1, 3])
  })
})

describe('what waits', () => {
  it('is candy_buffered_bytes while a client does not read, and nothing once it does', async () => {
    const {url} = await serveHandlers(
      ({ws}) =>
        ws.on('message', () => {
          for (let n = 0; n < 20; n += 1) ws.send(Buffer.alloc(1_000_000))
        }),
      {metrics, limits: {maxBuffered: 'off'}},
    )
    expect((await scrape(url)).value('candy_buffered_bytes')).toBe(0)
    const client = (await rawClient(url)).open('/')
    await client.head
    client.socket.pause()
    client.write(frame('all of it'))
    const buffered = async () => (await scrape(url)).value('candy_buffered_bytes')
    await expect.poll(buffered).toBeGreaterThan(1_000_000)
    client.socket.removeAllListeners('data').resume()
    await expect.poll(buffered).toBe(0)
    client.destroy()
  })

  it('is candy_pending until its turn', async () => {
    const {fired, fire} = signal()
    const {url, connect} = await serveHandlers(({ws}) => ws.on('message', () => fired), {metrics})
    const client = await connect()
    for (let n = 0; n < 5; n += 1) client.send(n)
    const pending = async () => (await scrape(url)).value('candy_pending')
    // One has its turn.
    await expect.poll(pending).toBe(4)
    fire()
    await expect.poll(pending).toBe(0)
  })

  it('is candy_pending_upgrades until its verdict, and in candy_upgrade_seconds then', async () => {
    const {fired, fire} = signal()
    const {app, url} = await serve({metrics}, ({Route}) => {
      Route.use(async () => fired).ws('/', () => undefined, {token})
    })
    const clients = [1, 2].map(() => connect(app, '/', {token}))
    const pending = async () => (await scrape(url)).value('candy_pending_upgrades')
    await expect.poll(pending).toBe(2)
    expect((await scrape(url)).value('candy_upgrade_seconds_count')).toBe(0)
    fire()
    await Promise.all(clients)
    const told = await scrape(url)
    expect(told.value('candy_pending_upgrades')).toBe(0)
    expect(told.value('candy_upgrade_seconds_count')).toBe(2)
    expect(told.value('candy_upgrade_seconds_sum')).toBeGreaterThan(0)
  })

  it('is candy_drain_remaining while the app closes, and was nothing before', async () => {
    const {fired, fire} = signal()
    const {app, url} = await serve({metrics}, ({Route}) => {
      Route.ws('/', ({ws}) => ws.on('close', () => fired), {token})
    })
    const clients = await Promise.all([1, 2, 3].map(() => connect(app, '/', {token})))
    const remaining = async () => (await scrape(url)).value('candy_drain_remaining')
    expect(await remaining()).toBe(0)
    const closed = app.close()
    await Promise.all(clients.map(client => client.closed))
    expect(await remaining()).toBe(3)
    fire()
    await closed
  })
})

it('candy_dropped_total tells why: volatile to a slow client, latest replaced, closed before', async () => {
  const sends = (ws: Candy['ws']) => {
    // Nothing leaves meanwhile, so all of it waits.
    ws.send('x'.repeat(3_000))
    for (let n = 0; n < 2; n += 1) ws.send('spark', {volatile: true})
    for (let n = 0; n < 4; n += 1) ws.send({n}, {latest: 'position'})
    ws.close()
    for (let n = 0; n < 5; n += 1) ws.send('late')
  }
  const {url, connect} = await serveHandlers(({ws}) => ws.on('message', () => sends(ws)), {
    metrics,
    limits: {maxBuffered: 10_000},
  })
  const client = await connect()
  client.send('now')
  expect(await client.take(2)).toEqual(['x'.repeat(3_000), {n: 3}])
  await client.closed
  const told = await scrape(url)
  expect(
    ['volatile', 'latest', 'closed'].map(why => told.value('candy_dropped_total', {route: '/', why})),
  ).toEqual([2, 3, 5])
})

describe('histograms', () => {
  it('have each bucket at least as high as the one before, the last of them all, and what it took together', async () => {
    const {url, connect} = await serveHandlers(
      ({ws}) =>
        ws.on('message', async data => {
          if (data === 'slowly') await delay(70)
          ws.send('done')
        }),
      {metrics},
    )
    const client = await connect()
    for (const message of ['slowly', 'at once', 'at once']) {
      client.send(message)
      await client.next()
    }
    const count = async () => (await scrape(url)).value('candy_handler_seconds_count', {route: '/'})
    await expect.poll(count).toBe(3)
    const told = await scrape(url)
    const buckets = told
      .all('candy_handler_seconds_bucket')
      .map(({labels, value}) => [labels.le, value] as const)
    const bounds = buckets.map(([le]) => Number(le === '+Inf' ? Infinity : le))
    expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b))
    const values = buckets.map(([, value]) => value)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(bounds.at(-1)).toBe(Infinity)
    expect(values.at(-1)).toBe(3)
    expect(values[bounds.indexOf(0.05)]).toBeLessThan(3)
    const sum = told.value('candy_handler_seconds_sum', {route: '/'})
    expect(sum).toBeGreaterThan(0.06)
    expect(sum).toBeLessThan(5)
  })
})

describe('candy_loop_delay_seconds', () => {
  const delayOf = async (url: string, stat: string) =>
    (await scrape(url)).value('candy_loop_delay_seconds', {stat})!

  it('is less than the time from look to look while nothing happens', async () => {
    const {url} = await serve({metrics})
    // Another process may be busy meanwhile.
    const isIdle = async () => {
      const mean = await delayOf(url, 'mean')
      return mean > 0 && mean < 0.01
    }
    await expect.poll(isIdle, {interval: 200, timeout: 5_000}).toBe(true)
  })

  it('tells for how long the loop was kept busy, once', async () => {
    const {url} = await serve({metrics})
    await scrape(url)
    // Until the clock was looked at once.
    await delay(100)
    const end = performance.now() + 250
    while (performance.now() < end);
    const told = await scrape(url)
    const [mean, p99, max] = ['mean', 'p99', 'max'].map(stat =>
      told.value('candy_loop_delay_seconds', {stat})!,
    )
    expect(max).toBeGreaterThan(0.15)
    expect(mean).toBeGreaterThan(0)
    expect(p99).toBeLessThanOrEqual(max!)
    await expect.poll(() => delayOf(url, 'max')).toBeLessThan(0.15)
  })
})
