import {connect} from 'candy-ws/testing'
import {expect, it, vi} from 'vitest'
import {stillRunning} from '../support/processes.js'
import {eventsOf, version, Workers} from '../support/workers.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

/** Asks again and again, each time over a new connection, until it is told to stop. @returns all that it has heard */
async function asking(ask: () => Promise<string>, stop: AbortSignal): Promise<string[]> {
  const heard: string[] = []
  while (!stop.aborted) heard.push(await ask().catch((error: Error) => `refused: ${error.message}`))
  return heard
}

it('renews one worker after the other; whoever comes meanwhile is let in, by HTTP and by WebSocket', async () => {
  const workers = new Workers({'route/a.js': version('old')})
  const url = await workers.url()
  const before = workers.pids
  const open = [
    await connect(url, '/version', {token: false}),
    await connect(url, '/version', {token: false}),
  ]
  workers.save({'route/a.js': version('new')})

  const stop = new AbortController()
  const page = () => workers.get('/version')
  const socket = async () => {
    const client = await connect(url, '/version', {token: false})
    const said = await client.next<string>(10_000)
    await client.close()
    return said
  }
  const clients = [page, page, socket, socket].map(ask => asking(ask, stop.signal))
  await workers.restart()
  stop.abort()

  for (const heard of await Promise.all(clients)) {
    expect(heard.length).toBeGreaterThan(10)
    expect(new Set(heard)).toEqual(new Set(['old', 'new']))
  }
  for (const client of open) expect(await client.closed).toEqual({code: 1012, reason: 'retry=0'})
  expect(stillRunning(before)).toEqual([])
  expect(workers.pids).toHaveLength(2)
  expect([await page(), await page(), await page()]).toEqual(['new', 'new', 'new'])
})

it('a new version that does not boot: the one before goes on, the fault is logged, and it can be mended', async () => {
  const workers = new Workers({'route/a.js': version('old')})
  const client = await connect(await workers.url(), '/version', {token: false})
  const {pids} = workers
  workers.save({'route/b.js': `Candy.Route.page('/version', () => 'twice')`})
  process.kill(workers.program.pid, 'SIGHUP')
  expect(await workers.logged('restart.failed')).toMatchObject({
    level: 'error',
    code: 'DUPLICATE_ROUTE',
    place: 'route/b.js:1',
    problem: expect.stringContaining('/version'),
    remedy: expect.any(String),
  })
  expect([await workers.get('/version'), await workers.get('/version')]).toEqual(['old', 'old'])
  expect(workers.pids.toSorted()).toEqual(pids.toSorted())
  workers.save({'route/a.js': '', 'route/b.js': version('mended')})
  await workers.restart()
  expect([await workers.get('/version'), await workers.get('/version')]).toEqual(['mended', 'mended'])
  expect((await client.closed).code).toBe(1012)
})

it('asked several times during a restart, it makes one more after it', async () => {
  const workers = new Workers({'route/a.js': version('old')})
  await workers.url()
  const hangUp = () => process.kill(workers.program.pid, 'SIGHUP')
  hangUp()
  await workers.logged('restart.begin')
  workers.save({'route/a.js': version('new')})
  hangUp()
  hangUp()
  await workers.logged('restart.end', 2)
  expect([await workers.get('/version'), await workers.get('/version')]).toEqual(['new', 'new'])
  const events = eventsOf(await workers.program.terminate()).filter(event => event?.startsWith('restart'))
  expect(events).toEqual(['restart.begin', 'restart.end', 'restart.begin', 'restart.end'])
})

it('SIGTERM during a restart, while a new version never ends loading: all are ended, exit 0', async () => {
  const workers = new Workers({'package.json': {type: 'module'}, 'route/a.js': version('old')})
  const client = await connect(await workers.url(), '/version', {token: false})
  const before = workers.pids
  workers.save({
    'route/a.js': `console.log('loading'); await new Promise(() => setInterval(() => {}, 1_000))`,
  })
  process.kill(workers.program.pid, 'SIGHUP')
  await workers.program.printed('stdout', /^loading$/m)
  const all = workers.pids
  expect(all).toHaveLength(3)
  const {code} = await workers.program.terminate()
  expect([code, (await client.closed).code]).toEqual([0, 1012])
  expect(stillRunning([...all, ...before])).toEqual([])
})
