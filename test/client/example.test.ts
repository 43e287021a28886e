import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {appFolder, type Files} from '../support/app-folder.js'
import {candy, Program, type Exit} from '../support/cli.js'

// The compiler reads the types of every library.
vi.setConfig({testTimeout: 120_000})

const root = join(import.meta.dirname, '../..')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** The example of this repository, to be changed. */
function example(): string {
  const folders = ['controllers', 'clients', 'web']
  const files: Files = Object.fromEntries(
    folders.flatMap(folder =>
      readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
        .map(file => [file.slice(root.length + 1), readFileSync(file, 'utf8')]),
    ),
  )
  return appFolder({
    ...files,
    'package.json': {type: 'module'},
    'tsconfig.json': {
      extends: 'candy-ws/tsconfig.json',
      compilerOptions: {noEmit: true},
      include: ['controllers', 'clients'],
    },
  })
}

function compile(dir: string): Promise<Exit> {
  return new Program(process.execPath, [tsc, '-p', dir]).exited
}

it('the example has the contract that its routes say', async () => {
  const contract = join(root, 'clients/contract.d.ts')
  expect((await candy(['types', root, '--check', contract]).exited).code).toBe(0)
})

it('a field of a message renamed: the documents have drifted, and the client does not compile', async () => {
  const dir = example()
  const [types, asyncapi] = [join(dir, 'clients/contract.d.ts'), join(dir, 'asyncapi.json')]
  expect(await compile(dir)).toMatchObject({code: 0, stdout: ''})
  expect((await candy(['asyncapi', dir, '--out', asyncapi]).exited).code).toBe(0)
  expect((await candy(['asyncapi', dir, '--check', asyncapi]).exited).code).toBe(0)
  expect((await candy(['types', dir, '--check', types]).exited).code).toBe(0)

  const room = join(dir, 'controllers/room.ts')
  const text = readFileSync(room, 'utf8')
  const renamed = text
    .replace(/(class Say \{[^]*?readonly )text!/, '$1words!')
    .replace('say(@Body() {text}: Say)', 'say(@Body() {words: text}: Say)')
  expect(renamed).not.toBe(text)
  writeFileSync(room, renamed)

  expect((await candy(['types', dir, '--check', types]).exited).code).toBe(1)
  expect((await candy(['asyncapi', dir, '--check', asyncapi]).exited).code).toBe(1)
  expect((await candy(['types', dir, '--out', types]).exited).code).toBe(0)
  const {code, stdout} = await compile(dir)
  expect(code).toBe(2)
  expect(stdout).toMatch(/^\S*clients\/chat\.ts\(\d+,\d+\): error TS\d+: .*'text'.*'Say'/m)
  expect(stdout.match(/error TS/g)).toHaveLength(1)
})

it('the example talks to a room from a terminal', async () => {
  const server = candy(['start', root, '--port', '0'])
  const url = await server.url()
  const args = ['--import', '@oxc-node/core/register', join(root, 'clients/chat.ts')]
  const grace = new Program(process.execPath, [...args, 'Grace', 'tests', url], {cwd: root})
  await grace.printed('stdout', /In tests: Grace/)
  const ada = new Program(process.execPath, [...args, 'Ada', 'tests', url], {cwd: root})
  await grace.printed('stdout', /Ada came in/)
  ada.write('hello\n \n')
  await grace.printed('stdout', /Ada: hello/)
  await ada.printed('stdout', /Not said: There is nothing in it to say/)
  ada.end()
  await grace.printed('stdout', /Ada left/)
  expect((await ada.exited).code).toBe(0)
  onTestFinished(async () => void (await server.terminate()))
})

it('the terminal comes back when the example is started again, and says so', async () => {
  const first = candy(['start', root, '--port', '0'])
  const url = await first.url()
  const args = ['--import', '@oxc-node/core/register', join(root, 'clients/chat.ts')]
  const grace = new Program(process.execPath, [...args, 'Grace', 'tests', url], {cwd: root})
  await grace.printed('stdout', /In tests: Grace/)
  grace.write('one\n')
  await grace.printed('stdout', /Grace: one/)
  await first.terminate()
  await grace.printed('stdout', /reconnecting: 1012 retry=/)
  const second = candy(['start', root, '--port', new URL(url).port])
  await second.url()
  await grace.printed('stdout', /reconnecting[^]*In tests: Grace/)
  grace.write('two\n')
  await grace.printed('stdout', /Grace: two/)
  grace.end()
  const {code, stdout} = await grace.exited
  expect([code, stdout.match(/Grace: \w+/g)]).toEqual([0, ['Grace: one', 'Grace: two']])
})
