import {connect} from 'candy-ws/testing'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {writeFiles} from '../support/app-folder.js'
import {stillRunning} from '../support/processes.js'
import {ask, raw} from '../support/raw.js'
import {cookiesOf} from '../support/visitor.js'
import {linesOf, version, Workers} from '../support/workers.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

it('says once where it listens, serves by all workers, and ends with 0 when they have drained', async () => {
  const workers = new Workers({
    'route/a.js': `${version('1')}
    Candy.Route.ws('/slow', Candy => Candy.ws.on('close', async code => {
      await new Promise(done => setTimeout(done, 100))
      console.log('handled', code)
    }), {token: false})`,
  })
  const url = await workers.url()
  const answers = [await workers.get('/pid'), await workers.get('/pid'), await workers.get('/pid')]
  expect(new Set(answers.map(Number))).toEqual(new Set(workers.pids))
  const {pids} = workers
  expect(pids).toHaveLength(2)
  const clients = [await connect(url, '/slow', {token: false}), await connect(url, '/slow', {token: false})]
  const exit = workers.program.terminate()
  for (const client of clients) expect((await client.closed).code).toBe(1012)
  const {code, stdout} = await exit
  expect([code, stdout]).toEqual([0, `listening on ${url}\nhandled 1012\nhandled 1012\n`])
  expect(stillRunning(pids)).toEqual([])
})

it('a faulty app is not served: every fault once on stderr, exit 1', async () => {
  const {exited} = new Workers({
    'route/a.js': version('1'),
    'route/b.js': `Candy.Route.page('/pid', () => 'twice')`,
  }).program
  const {code, stdout, stderr} = await exited
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^route\/b\.js:1 .*\[DUPLICATE_ROUTE\]\n {4}.*\n$/)
})

it('a port in use: one line on stderr, exit 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const {port} = taken.address() as AddressInfo
  const workers = new Workers({'route/a.js': version('1')}, {args: ['--port', String(port)]})
  expect(await workers.program.exited).toEqual({
    code: 1,
    stdout: '',
    stderr: `port ${port} on 127.0.0.1 is in use; take another: --port ${port + 1}\n`,
  })
})

it('a worker that dies is replaced: at once, and then ever later as long as it does not help', async () => {
  const workers = new Workers({
    'route/a.js': `${version('1')}
    if (require('node:fs').existsSync(__dirname + '/../ill')) process.exit(7)`,
  })
  await workers.url()
  const [pid, other] = workers.pids as [number, number]
  workers.save({ill: ''})
  process.kill(pid, 'SIGKILL')
  expect(await workers.logged('worker.exit')).toMatchObject({
    level: 'error',
    pid,
    how: 'signal SIGKILL',
    again: 0,
  })
  const fault = {level: 'error', error: 'the app ended while it was loaded, with exit code 7'}
  expect(await workers.logged('worker.failed')).toMatchObject({...fault, again: 500})
  expect(await workers.logged('worker.failed', 2)).toMatchObject({...fault, again: 1_000})
  expect(await workers.get('/pid')).toBe(String(other))
  rmSync(join(workers.dir, 'ill'))
  const answers = async () => new Set([await workers.get('/pid'), await workers.get('/pid')])
  await expect.poll(answers, {timeout: 20_000}).toHaveProperty('size', 2)
  expect((await workers.program.terminate()).code).toBe(0)
})

it('whoever is just being handed to a worker that dies is let go, and may come again', async () => {
  const workers = new Workers({'route/a.js': version('1')})
  const port = await workers.port()
  const [pid] = workers.pids as [number, number]
  process.kill(pid, 'SIGSTOP')
  // They take turns: one of the two is this one's.
  const clients = [await raw(port), await raw(port)]
  const request = 'GET /pid HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  for (const client of clients) client.write(request)
  await Promise.race(clients.map(client => client.closed))
  process.kill(pid, 'SIGKILL')
  await Promise.all(clients.map(client => client.closed))
  expect(clients.filter(({received}) => received.length > 0)).toHaveLength(1)
})

it('a second signal ends it at once, with all workers', async () => {
  const workers = new Workers({
    'candy.config.json': {limits: {drainTimeout: 60_000}},
    'route/a.js': `Candy.Route.ws('/endless', Candy => Candy.ws.on('close', () => new Promise(() => {})), {token: false})`,
  })
  const client = await connect(await workers.url(), '/endless', {token: false})
  const {pids} = workers
  void workers.program.terminate()
  expect((await client.closed).code).toBe(1012)
  expect((await workers.program.terminate()).code).toBe(1)
  await expect.poll(() => stillRunning(pids)).toEqual([])
})

it('killed itself, it leaves no worker behind, not even one that is busy for ever', async () => {
  const workers = new Workers({
    'route/a.js': `${version('1')}
    Candy.Route.page('/busy', () => { console.log('busy'); for (;;); })`,
  })
  const client = await raw(await workers.port())
  client.write('GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await workers.program.printed('stdout', /busy/)
  const {pids} = workers
  process.kill(workers.program.pid, 'SIGKILL')
  await expect.poll(() => stillRunning(pids)).toEqual([])
})

it('a worker that does not hear the end is killed when its time is over', async () => {
  const workers = new Workers({
    'candy.config.json': {limits: {drainTimeout: 1}},
    'route/a.js': `${version('1')}
    Candy.Route.page('/busy', () => { console.log('busy'); for (;;); })`,
  })
  const client = await raw(await workers.port())
  client.write('GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await workers.program.printed('stdout', /busy/)
  const {pids} = workers
  expect((await workers.program.terminate()).code).toBe(0)
  expect(stillRunning(pids)).toEqual([])
})

it('workers that all die come back on the same port, with the same development secret, which is said once', async () => {
  // Outside of any folder that has a node_modules.
  const dir = mkdtempSync(join(tmpdir(), 'candy-workers-'))
  onTestFinished(() => rmSync(dir, {recursive: true, force: true}))
  writeFiles(dir, {
    'package.json': {type: 'commonjs'},
    'route/a.js': `Candy.Route.page('/', Candy => {
      Candy.Auth.login({id: 1, name: 'Ada'})
      return 'in'
    })
    Candy.Route.auth.page('/me', async Candy => process.pid + ' ' + (await Candy.Auth.user()).name)`,
  })
  const workers = new Workers({}, {dir, env: {CANDY_SECRET: ''}})
  const url = await workers.url()
  const cookie = cookiesOf(await fetch(url))
  const said = new Set<string>()
  const meet = async () => {
    const answer = await fetch(`${url}/me`, {headers: {cookie, connection: 'close'}})
    said.add(await answer.text())
    return said.size
  }
  await expect.poll(meet).toBe(2)
  // All at once: nobody is left who has the port, and others ask for it.
  for (const pid of workers.pids) process.kill(pid, 'SIGKILL')
  await expect.poll(() => meet().catch(() => 0), {timeout: 20_000}).toBe(4)
  expect([...said].every(text => /^\d+ Ada$/.test(text))).toBe(true)
  const {stderr} = await workers.program.terminate()
  expect(linesOf(stderr).filter(({kept}) => kept === 'in memory')).toHaveLength(1)
})

it('leaves alone what the code of an app says to its parent; what is to be remarked is said once', async () => {
  const workers = new Workers({
    'route/a.js': `
    for (const message of ['text', null, 7, {candy: 'workers'}, {candy: 'relay', act: 'open'}]) process.send(message)
    process.on('message', () => {})`,
  })
  expect((await ask(await workers.port(), 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).status).toBe(404)
  const {code, stderr} = await workers.program.terminate()
  expect([code, stderr.match(/no routes found/g)]).toEqual([0, ['no routes found']])
})
