import {connect} from 'candy-ws/testing'
import {once} from 'node:events'
import {createServer, type AddressInfo} from 'node:net'
import {expect, it, onTestFinished, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'
import {Dev, hello} from '../support/dev.js'
import {childrenOf, stillRunning} from '../support/processes.js'
import {ask} from '../support/raw.js'
import {cookiesOf} from '../support/visitor.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

it('serves, says so once on stdout, and says what it reloaded on stderr', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  const url = await dev.url()
  expect(await dev.says()).toBe(1)
  dev.save({'controllers/hello.ts': hello(2)})
  expect(await dev.reloaded()).toMatch(/^reloaded in \d+\.\d\d s: controllers\/hello\.ts\n$/)
  expect(await dev.says()).toBe(2)
  const {code, stdout} = await dev.program.terminate()
  expect([code, stdout]).toEqual([0, `listening on ${url}\n`])
})

it('serves no page that had its own name pointed at this computer', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  const port = Number(new URL(await dev.url()).port)
  const asked = (host: string) => ask(port, `GET /_candy/ready HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  expect((await asked(`localhost:${port}`)).status).toBe(200)
  expect((await asked(`evil.example:${port}`)).status).toBe(403)
  expect(await dev.told(/.*evil\.example.*/)).toContain('list it in origins')
})

it('a client is closed with 1012 and comes back logged in, its session still valid', async () => {
  const me = (greeting: string) => `Candy.Route.page('/', Candy => {
    Candy.Auth.login({id: 1, name: 'Ada'})
    return 'in'
  })
  Candy.Route.auth.ws('/me', Candy => {
    Candy.ws.send('${greeting} ' + Candy.ws.user.name)
  })`
  const files = {'route/package.json': {type: 'commonjs'}, 'route/me.js': me('hello')}
  const dev = new Dev(files, {env: {CANDY_SECRET: ''}})
  const headers = {cookie: cookiesOf(await fetch(await dev.url()))}
  const client = await connect(await dev.url(), '/me', {headers})
  expect(await client.next()).toBe('hello Ada')
  dev.save({'route/me.js': me('welcome back')})
  expect(await client.closed).toMatchObject({code: 1012})
  // At once, with the cookie it had: the port is open, and who listens now knows the session.
  const back = await connect(await dev.url(), '/me', {headers})
  expect(await back.next()).toBe('welcome back Ada')
})

it('a fault keeps the version before, is told with place and remedy, and can be mended', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  const client = await connect(await dev.url(), '/hello', {token: false})
  dev.save({'controllers/hello.ts': hello(2).replace('@OnOpen()', '')})
  await dev.told(/^controllers\/hello\.ts:3 {2}Hello .* \[NO_HANDLER\]\n {4}\S.*\n/m)
  await dev.told(/^the version before is still served\n/m)
  expect(await dev.says()).toBe(1)
  expect(await dev.fault()).toMatch(/^controllers\/hello\.ts:3 .* \[NO_HANDLER\]/)
  dev.save({'controllers/hello.ts': hello(3)})
  await dev.reloaded()
  expect(await dev.says()).toBe(3)
  expect(await dev.fault()).toBeNull()
  expect(await client.closed).toMatchObject({code: 1012})
})

it('a first version that cannot be served: the fault is told, the port answers, and a save mends it', async () => {
  const dev = new Dev({'controllers/hello.ts': 'throw new Error("no database")\n'})
  await dev.told(/^controllers\/hello\.ts:1 .*no database.*\n/m)
  await dev.told(/^nothing is served until this is mended\n/m)
  expect(await dev.fault()).toContain('no database')
  const anywhere = await fetch(`${await dev.url()}/anywhere`)
  expect([anywhere.status, await anywhere.text()]).toEqual([
    503,
    expect.stringMatching(/no database[^]*\/_candy\//),
  ])
  expect(await dev.says()).toBeUndefined()
  dev.save({'controllers/hello.ts': 'throw new Error("no disk")\n'})
  await dev.told(/^nothing is served until this is mended\n/m)
  expect(await dev.fault()).toContain('no disk')
  dev.save({'controllers/hello.ts': hello(1)})
  await dev.reloaded()
  expect(await dev.says()).toBe(1)
})

it('an app that ends itself: how is told, the port answers, and a save starts it again', async () => {
  const ends = hello(1).replace('this.candy.ws', 'process.exit(3); this.candy.ws')
  const dev = new Dev({'controllers/hello.ts': ends})
  await expect(dev.says()).rejects.toThrow('1006')
  await dev.told(/^the app ended by itself, with exit code 3; the next save starts it again\n/m)
  expect(await dev.fault()).toContain('ended by itself')
  dev.save({'controllers/hello.ts': hello(2)})
  await dev.reloaded()
  expect(await dev.says()).toBe(2)
})

it('an error at run time is told for people to read, with its place, and as JSON where that is asked for', async () => {
  const throws = hello(1).replace('this.candy.ws', `throw new Error('no such room')\n    this.candy.ws`)
  const dev = new Dev({'controllers/hello.ts': throws}, {env: {CANDY_LOG_FORMAT: ''}})
  await expect(dev.says()).rejects.toThrow('1011')
  expect(await dev.told(/^\d.*threw.*\n(?: {4}.*\n)+/m)).toMatch(
    /^[\d:.]{12} error the connect handler threw route=\/hello connection=\S+\n {4}Error: no such room\n {8}at Hello\.opened \(.*controllers\/hello\.ts:10:\d+\)\n/,
  )
  const json = new Dev({'controllers/hello.ts': throws}, {env: {CANDY_LOG_FORMAT: 'json'}})
  await expect(json.says()).rejects.toThrow('1011')
  const line = await json.told(/^\{.*threw.*\}\n/m)
  expect(JSON.parse(line)).toMatchObject({level: 'error', error: 'Error: no such room'})
})

it('a version that ends while it is loaded is a fault; one that never ends loading gives way to the next', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  await dev.url()
  dev.save({'controllers/hello.ts': 'process.exit(3)\n'})
  await dev.told(/^the app ended while it was loaded, with exit code 3\n/m)
  expect(await dev.says()).toBe(1)
  dev.save({'controllers/hello.ts': 'console.log("for ever")\nfor (;;);\n'})
  await dev.program.printed('stdout', /^for ever\n/m)
  expect(await dev.says()).toBe(1)
  dev.save({'controllers/hello.ts': hello(2)})
  await dev.reloaded()
  expect(await dev.says()).toBe(2)
})

it('what an editor writes beside a file, files of public/, tests and declarations start nothing', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1), 'public/page.js': '', 'node_modules/x/index.js': ''})
  await dev.url()
  dev.save({
    'controllers/4913': '',
    'controllers/.hello.ts.swp': '',
    'controllers/hello.ts~': '',
    'controllers/hello.ts.tmp': '',
    'controllers/hello.test.ts': 'syntax error',
    'controllers/hello.d.ts': 'syntax error',
    'node_modules/x/index.js': '1',
    'public/page.js': '1',
    'dist/hello.js': 'syntax error',
    'notes.md': '',
  })
  dev.replace('controllers/hello.ts', hello(2))
  // What had counted would be named beside it.
  expect(await dev.reloaded()).toMatch(/ s: controllers\/hello\.ts\n$/)
  expect(await dev.says()).toBe(2)
})

it('what is to be remarked is said once, and what user code prints passes', async () => {
  const route = `console.log('loaded')\n`
  const dev = new Dev({'package.json': {type: 'commonjs'}, 'route/none.js': route})
  await dev.told(/^no routes found: .*\n/m)
  dev.save({'route/none.js': `// again\n${route}`})
  await dev.reloaded()
  const {stdout, stderr} = await dev.program.terminate()
  expect(stdout.match(/^loaded\n/gm)).toHaveLength(2)
  expect(stderr.match(/no routes found/g)).toHaveLength(1)
})

it('other settings are read by a process that has not read the old ones', async () => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  await dev.url()
  dev.save({'tsconfig.json': {compilerOptions: {experimentalDecorators: false}}})
  await dev.told(
    /\[NO_METADATA\]\n {4}Set experimentalDecorators and emitDecoratorMetadata in tsconfig\.json/,
  )
  dev.remove('tsconfig.json')
  expect(await dev.reloaded()).toMatch(/ s: tsconfig\.json\n$/)
  expect(await dev.says()).toBe(1)
})

it('an injected class imported as a type: says which parameter, and which lint rules do that', async () => {
  const service = `import {injectable} from 'candy-ws'\n@injectable()\nexport class Service {}\n`
  const dev = new Dev({
    'lib/service.ts': service,
    'controllers/hello.ts': `import type {Service} from '../lib/service.js'
${hello(1).replace('candy: Candy', 'candy: Candy, readonly service: Service')}`,
  })
  expect(await dev.told(/^controllers.*\n .*\n/m)).toBe(
    "controllers/hello.ts:4  parameter 2 of the constructor of Hello is no class at run time [TYPE_ONLY_IMPORT]\n    Import its class without `type` (Biome's useImportType and consistent-type-imports add it: switch them off); an interface or union needs @inject(TOKEN).\n",
  )
})

it('two files that import each other: says which class is not ready, and how to break the circle', async () => {
  const service = (name: string, other: string) => `import {injectable} from 'candy-ws'
import {${other}} from './${other.toLowerCase()}.js'

@injectable()
export class ${name} {
  constructor(readonly other: ${other}) {}
}
`
  const dev = new Dev({
    'lib/a.ts': service('A', 'B'),
    'lib/b.ts': service('B', 'A'),
    'controllers/hello.ts': `import {A} from '../lib/a.js'
${hello(1).replace('candy: Candy', 'candy: Candy, readonly a: A')}`,
  })
  expect(await dev.told(/^\S+:\d+ .*\n .*\n/m)).toBe(
    "lib/b.ts:4  circular import: A is used here before its own file is ready [CIRCULAR_IMPORT]\n    Move what both files need into a third; or write the type as import('./a.js').A and inject it with @inject(delay(() => A)).\n",
  )
})

it('a compiler that is told to emit no types: says which flags it needs', async () => {
  const dev = new Dev({
    'tsconfig.json': {compilerOptions: {experimentalDecorators: true}},
    'controllers/hello.ts': hello(1),
  })
  expect(await dev.told(/^controllers.*\n .*\n/m)).toMatch(
    /^controllers\/hello\.ts:3 {2}the compiler emitted no types for the constructor of Hello \[NO_METADATA\]\n {4}Set experimentalDecorators and emitDecoratorMetadata in tsconfig\.json/,
  )
})

it('a port in use: one line on stderr, exit 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const {port} = taken.address() as AddressInfo
  const program = candy(['dev', appFolder({'controllers/hello.ts': hello(1)}), '--port', String(port)])
  expect(await program.exited).toEqual({
    code: 1,
    stdout: '',
    stderr: `port ${port} on 127.0.0.1 is in use; take another: --port ${port + 1}\n`,
  })
})

/** Connects to a controller that tells its process and is then busy for ever. */
async function keepBusy(dev: Dev): Promise<unknown> {
  const client = await connect(await dev.url(), '/hello', {token: false})
  const pid = await client.next()
  await client.terminate()
  return pid
}

const busy = hello(1).replace('send(1)', 'send(process.pid)\n    setImmediate(() => { for (;;); })')

it.each([
  ['SIGTERM', 0],
  ['SIGINT', 0],
] as const)('%s tells clients 1012, ends every process, and exits with %i', async (signal, code) => {
  const dev = new Dev({'controllers/hello.ts': hello(1)})
  const client = await connect(await dev.url(), '/hello', {token: false})
  const children = childrenOf(dev.program.pid)
  expect(children.length).toBeGreaterThan(1)
  expect((await dev.program.signal(signal)).code).toBe(code)
  expect(await client.closed).toMatchObject({code: 1012})
  expect(stillRunning(children)).toEqual([])
})

it('a second signal ends it at once', async () => {
  const dev = new Dev({'controllers/hello.ts': busy})
  await keepBusy(dev)
  const children = childrenOf(dev.program.pid)
  void dev.program.signal('SIGINT')
  expect((await dev.program.signal('SIGTERM')).code).toBe(1)
  await expect.poll(() => stillRunning(children)).toEqual([])
})

it('killed itself, it leaves no process behind, not even one that is busy for ever', async () => {
  const dev = new Dev({'controllers/hello.ts': busy})
  const pid = await keepBusy(dev)
  const children = childrenOf(dev.program.pid)
  expect(children).toContain(pid)
  await dev.program.signal('SIGKILL')
  await expect.poll(() => stillRunning(children)).toEqual([])
})
