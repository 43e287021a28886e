import {connect} from 'candy-ws/testing'
import {execFile} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import ts from 'typescript'
import {afterAll, beforeAll, expect, it, onTestFinished} from 'vitest'
import {writeFiles, type Files} from './support/app-folder.js'
import {Program} from './support/cli.js'

const repository = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

const controller = `import {Body, Candy, OnMessage, Token, WsRoute} from 'candy-ws'

@WsRoute('/room/<id>')
@Token(false)
export class RoomController {
  constructor(private readonly candy: Candy) {}

  @OnMessage('say')
  say(@Body() message: {text: string}) {
    return {id: this.candy.Request.data.url.id, text: message.text}
  }
}
`
const routes = `Candy.Route.ws('/pid', Candy => { Candy.ws.send({pid: process.pid}) }, {token: false})\n`

/** What is read of a package.json, and of its lock. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly packages: object
}

let home: string
let fresh: string

/** What a newcomer does: a folder with a package.json, and `npm i`. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'candy-package-'))
  // The build is there already, and other tests run against it: packing must not make it anew.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], {cwd: repository})
  const tarball = readdirSync(home).find(name => name.endsWith('.tgz'))!
  fresh = join(home, 'app')
  writeFiles(fresh, {
    'package.json': {name: 'app', private: true},
    'controllers/room.ts': controller,
    'route/websocket.js': routes,
  })
  await run('npm', ['i', join(home, tarball), '--prefer-offline', '--no-audit', '--no-fund'], {cwd: fresh})
}, 120_000)

afterAll(() => rmSync(home, {recursive: true, force: true}))

/** Of a client that is traced, whose server has no OpenTelemetry. */
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

/** Serves a folder beside the installed package, talks to both routes, and ends it with SIGTERM. */
async function serveAndTalk(program: Program): Promise<void> {
  const url = await program.url()
  const functional = await connect(url, '/pid', {token: false})
  const {pid} = await functional.next<{pid: number}>()
  onTestFinished(() => killIfAlive(pid))
  expect((await fetch(`${url}/_candy/client.js`)).status).toBe(200)

  const decorated = await connect(url, '/room/7', {token: false, headers: {traceparent}})
  decorated.send({type: 'say', text: 'hi', ref: 1, traceparent})
  expect(await decorated.next()).toEqual({type: 'reply', ref: 1, data: {id: '7', text: 'hi'}})

  // npx does not hand SIGTERM on to what it runs; whoever asks the server itself is understood.
  process.kill(pid, 'SIGTERM')
  expect((await decorated.closed).code).toBe(1012)
  const {code, stdout} = await program.exited
  expect([code, stdout]).toEqual([0, `listening on ${url}\n`])
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended, as it should.
  }
}

const long = {timeout: 120_000}

it('npx candy start . serves a three-file app; SIGTERM exits 0', long, async () => {
  await serveAndTalk(new Program('npx', ['candy', 'start', '.', '--port', '0'], {cwd: fresh}))
})

it.each(['commonjs', 'module'])('serves it as %s too', long, async type => {
  writeFiles(fresh, {
    [`${type}/package.json`]: {type},
    [`${type}/controllers/room.ts`]: controller,
    [`${type}/route/websocket.js`]: routes,
  })
  await serveAndTalk(new Program('npx', ['candy', 'start', type, '--port', '0'], {cwd: fresh}))
})

it('a tsconfig.json that leaves decorators alone: says what to set', long, async () => {
  writeFiles(fresh, {
    'bare/package.json': {type: 'module'},
    'bare/tsconfig.json': {compilerOptions: {strict: true}},
    'bare/controllers/room.ts': controller,
  })
  const {code, stderr} = await new Program('npx', ['candy', 'check', 'bare'], {cwd: fresh}).exited
  expect(code).toBe(1)
  expect(stderr).toMatch(/^controllers\/room\.ts:\d+ {2}.+ \[NO_METADATA\]\n {4}.*experimentalDecorators/m)
})

it("require('candy-ws') gives what import gives, from CommonJS", long, async () => {
  const script = `
    const required = require('candy-ws')
    import('candy-ws').then(imported => console.log(JSON.stringify([
      typeof required.createApp, required.createApp === imported.createApp, Object.keys(required).length > 10,
    ])))`
  const {stdout} = await run(process.execPath, ['-e', script], {cwd: fresh})
  expect(JSON.parse(stdout)).toEqual(['function', true, true])
})

it('the sub-paths are there: testing, client, client/worker, tsconfig.json', long, async () => {
  const script = `
    import {connect} from 'candy-ws/testing'
    import {createClient} from 'candy-ws/client'
    import {createRequire} from 'node:module'
    import {existsSync} from 'node:fs'
    const pathOf = createRequire(process.cwd() + '/x.js').resolve
    const worker = pathOf('candy-ws/client/worker')
    console.log(JSON.stringify([
      typeof connect,
      typeof createClient,
      worker.endsWith('dist/client/worker.js') && existsSync(worker),
      pathOf('candy-ws/tsconfig.json').endsWith('tsconfig.app.json'),
    ]))`
  const {stdout} = await run(process.execPath, ['--input-type=module', '-e', script], {cwd: fresh})
  expect(JSON.parse(stdout)).toEqual(['function', 'function', true, true])
})

it("there is one rolldown: ours is the one that Vite brings, so that its range is Vite's", () => {
  const read = (file: string) => JSON.parse(readFileSync(join(repository, file), 'utf8')) as Manifest
  const vite = read('node_modules/vite/package.json')
  expect(read('package.json').devDependencies['rolldown']).toBe(vite.dependencies['rolldown'])
  const copies = Object.keys(read('package-lock.json').packages).filter(path => path.endsWith('/rolldown'))
  expect(copies).toEqual(['node_modules/rolldown'])
})

it('compiled JavaScript needs no TypeScript loader', long, async () => {
  const compiled: Files = {
    'compiled/package.json': {type: 'module'},
    'compiled/controllers/room.js': compile(controller),
    'compiled/route/websocket.js': routes,
  }
  writeFiles(fresh, compiled)
  const loader = join(fresh, 'node_modules', '@oxc-node')
  renameSync(loader, `${loader}-away`)
  onTestFinished(() => renameSync(`${loader}-away`, loader))
  await serveAndTalk(new Program('npx', ['candy', 'start', 'compiled', '--port', '0'], {cwd: fresh}))
})

/** As tsc does with the tsconfig.json of the package. */
function compile(source: string): string {
  const {config} = ts.readConfigFile(join(repository, 'tsconfig.app.json'), path =>
    readFileSync(path, 'utf8'),
  )
  const {compilerOptions} = config as {compilerOptions: object}
  const {options} = ts.convertCompilerOptionsFromJson({...compilerOptions, module: 'ES2022'}, repository)
  return ts.transpileModule(source, {compilerOptions: options}).outputText
}
