import {connect} from 'candy-ws/testing'
import {once} from 'node:events'
import {createServer, type AddressInfo} from 'node:net'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const echo = {
  'package.json': {type: 'commonjs'},
  'route/echo.js': `Candy.Route.ws('/echo', Candy => {
    Candy.ws.on('message', data => Candy.ws.send(data))
  }, {token: false})
  Candy.Route.ws('/broken', () => { throw new Error('mine') }, {token: false})`,
}

/** An app whose close handler never ends. */
const endless = (drainTimeout: number) => ({
  'package.json': {type: 'commonjs'},
  'candy.config.json': {limits: {drainTimeout}},
  'route/endless.js': `Candy.Route.ws('/endless', Candy => {
    Candy.ws.on('close', () => new Promise(() => setInterval(() => {}, 1000)))
  }, {token: false})`,
})

it('prints its one line on stdout once it accepts connections, and serves', async () => {
  const program = candy(['start', appFolder(echo), '--port', '0'])
  const url = await program.url()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  const client = await connect(url, '/echo', {token: false})
  client.send({text: 'hi'})
  expect(await client.next()).toEqual({text: 'hi'})
  const {stdout} = await program.terminate()
  expect(stdout).toBe(`listening on ${url}\n`)
})

it('serves the current folder by default', async () => {
  const program = candy(['start', '--port', '0'], {cwd: appFolder(echo)})
  const client = await connect(await program.url(), '/echo', {token: false})
  client.send('here')
  expect(await client.next()).toBe('here')
})

it('SIGTERM tells open clients 1012, waits for their close handlers, and exits with 0', async () => {
  const dir = appFolder({
    'package.json': {type: 'commonjs'},
    'route/slow.js': `Candy.Route.ws('/slow', Candy => {
      Candy.ws.on('close', async code => {
        await new Promise(done => setTimeout(done, 100))
        console.log('handled', code)
      })
    }, {token: false})`,
  })
  const program = candy(['start', dir, '--port', '0'])
  const client = await connect(await program.url(), '/slow', {token: false})
  const exit = program.terminate()
  expect((await client.closed).code).toBe(1012)
  const {code, stdout} = await exit
  expect([code, stdout.split('\n').slice(1)]).toEqual([0, ['handled 1012', '']])
})

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s cuts what never ends at the deadline, and exits with 0',
  async name => {
    const program = candy(['start', appFolder(endless(200)), '--port', '0'])
    const client = await connect(await program.url(), '/endless', {token: false})
    const exit = program.signal(name)
    expect((await client.closed).code).toBe(1012)
    const {code, stderr} = await exit
    expect(code).toBe(0)
    expect(stderr).toMatch(/"event":"drain.cut"/)
  },
)

it('a second signal ends it at once', async () => {
  const program = candy(['start', appFolder(endless(60_000)), '--port', '0'])
  const client = await connect(await program.url(), '/endless', {token: false})
  void program.terminate()
  expect((await client.closed).code).toBe(1012)
  expect((await program.terminate()).code).toBe(1)
})

it('logs go to stderr, one line of JSON each', async () => {
  const program = candy(['start', appFolder(echo), '--port', '0'])
  const url = await program.url()
  const client = await connect(url, '/broken', {token: false})
  expect((await client.closed).code).toBe(1011)
  await program.printed('stderr', /\n/)
  const {code, stdout, stderr} = await program.terminate()
  expect(code).toBe(0)
  expect(stdout).toBe(`listening on ${url}\n`)
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  expect(lines).toEqual([
    expect.objectContaining({level: 'error', route: '/broken', error: 'Error: mine'}) as object,
    expect.objectContaining({
      level: 'info',
      event: 'drain.begin',
      connections: expect.any(Number) as number,
    }) as object,
    expect.objectContaining({level: 'info', event: 'drain.end'}) as object,
  ])
})

it('a port in use: one line on stderr, exit 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const {port} = taken.address() as AddressInfo
  const program = candy(['start', appFolder(echo), '--port', String(port)])
  expect(await program.exited).toEqual({
    code: 1,
    stdout: '',
    stderr: `port ${port} on 127.0.0.1 is in use; take another: --port ${port + 1}\n`,
  })
})

it('a host that is no address of the machine: one line on stderr, exit 1', async () => {
  // TEST-NET-1, RFC 5737: nobody has it.
  const program = candy(['start', appFolder(echo), '--port', '0', '--host', '192.0.2.1'])
  expect(await program.exited).toEqual({
    code: 1,
    stdout: '',
    stderr: '192.0.2.1 is no address of this machine; leave out --host, or name one that is\n',
  })
})

it('a wrong --port: names the option and what was given, exit 1', async () => {
  const dir = appFolder(echo)
  const ports = ['abc', '', ' ', '-1', '65536', '0x50']
  const exits = await Promise.all(ports.map(port => candy(['start', dir, `--port=${port}`]).exited))
  expect(exits.map(({code, stdout}) => [code, stdout])).toEqual(ports.map(() => [1, '']))
  expect(exits.map(({stderr}) => stderr.split(' [')[0])).toEqual(
    ports.map(port => `--port  the option 'port' is '${port}'`),
  )
})

it('a folder that is not there, or is a file: says so in the words of the command line, exit 1', async () => {
  const file = join(appFolder(echo), 'package.json')
  const [gone, noFolder] = await Promise.all(
    ['no-such-folder', file].map(dir => candy(['start', dir, '--port', '0']).exited),
  )
  const remedy = 'Run it in the app folder, or name it: candy start path/to/app.'
  expect(gone).toEqual({
    code: 1,
    stdout: '',
    stderr: `candy start  there is no folder no-such-folder [INVALID_OPTION]\n    ${remedy}\n`,
  })
  expect(noFolder).toEqual({
    code: 1,
    stdout: '',
    stderr: `candy start  ${file} is a file, not a folder [INVALID_OPTION]\n    ${remedy}\n`,
  })
})

it('a faulty app is not served: every fault on stderr, exit 1', async () => {
  const dir = appFolder({...echo, 'route/second.js': `Candy.Route.ws('/echo', () => {})`})
  const {code, stdout, stderr} = await candy(['start', dir, '--port', '0']).exited
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('route/second.js:1')
})
