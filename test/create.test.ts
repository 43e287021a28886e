import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import {writeFiles} from './support/app-folder.js'
import {Program, type Exit} from './support/cli.js'

const repository = fileURLToPath(new URL('..', import.meta.url))
const creator = join(repository, 'create-candy-ws')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: object
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

function manifestOf(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest
}

/** Where somebody stands who makes an app. */
function standing(): string {
  const dir = mkdtempSync(join(tmpdir(), 'candy-create-'))
  onTestFinished(() => rmSync(dir, {recursive: true, force: true}))
  return dir
}

/** `npm create candy-ws ...args`, without the npm. */
function create(cwd: string, ...args: string[]): Promise<Exit> {
  return new Program(process.execPath, [join(creator, 'create.js'), ...args], {cwd}).exited
}

/** Files by path, with what is in them. */
function filesIn(dir: string): Record<string, string> {
  const paths = readdirSync(dir, {recursive: true, encoding: 'utf8'}).map(name => join(dir, name))
  const files = paths.filter(path => statSync(path).isFile()).toSorted()
  return Object.fromEntries(files.map(path => [relative(dir, path), readFileSync(path, 'utf8')]))
}

/** What npm would publish of a package. */
function packed(dir: string): string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const said = execFileSync('npm', args, {cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
  const [{files}] = JSON.parse(said) as [{files: readonly {path: string}[]}]
  return files.map(({path}) => path).toSorted()
}

const made = [
  '.gitignore',
  '.oxlintrc.json',
  'README.md',
  'controllers/chat.ts',
  'messages/say.ts',
  'package.json',
  'public/chat.js',
  'public/icon.svg',
  'public/index.html',
  'public/style.css',
  'test/chat.test.ts',
  'tsconfig.json',
]

describe('create-candy-ws', () => {
  it('makes an app in a new folder, and says what comes next', async () => {
    const at = standing()
    const {code, stdout, stderr} = await create(at, 'my-app')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/\n {2}cd my-app\n {2}npm install\n {2}npm run dev/)
    expect(Object.keys(filesIn(join(at, 'my-app')))).toEqual(made)
  })

  it('makes it in the folder one stands in, if none is named', async () => {
    const at = standing()
    const {code, stdout} = await create(at)
    expect(code).toBe(0)
    expect(stdout).not.toContain('cd ')
    expect(Object.keys(filesIn(at))).toEqual(made)
  })

  it('makes the folders on the way', async () => {
    const at = standing()
    const {code, stdout} = await create(at, 'two words/chat')
    expect([code, existsSync(join(at, 'two words/chat/package.json'))]).toEqual([0, true])
    expect(stdout).toContain('  cd "two words/chat"\n')
  })

  it('takes a folder in which git was begun for an empty one', async () => {
    const at = standing()
    writeFiles(at, {'.git/HEAD': 'ref: refs/heads/main\n'})
    expect((await create(at)).code).toBe(0)
    expect(Object.keys(filesIn(at))).toEqual(['.git/HEAD', ...made])
  })

  it.each(['notes.txt', 'package.json', '.gitignore', 'public/index.html'])(
    'refuses a folder that holds %s, and changes nothing in it',
    async file => {
      const at = standing()
      writeFiles(at, {[file]: 'mine'})
      const {code, stdout, stderr} = await create(at)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain(`not empty, it holds ${file.split('/')[0]}`)
      expect(filesIn(at)).toEqual({[file]: 'mine'})
    },
  )

  it.each(['taken', 'taken/inside'])('refuses a file in the place of a folder: %s', async folder => {
    const at = standing()
    writeFileSync(join(at, 'taken'), 'mine')
    const {code, stdout, stderr} = await create(at, folder)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^create-candy-ws: ENOTDIR.*\n$/)
    expect(filesIn(at)).toEqual({taken: 'mine'})
  })

  it.each([
    ['chat', 'chat'],
    ['My Café', 'my-cafe'],
    ['@team/Chat', 'chat'],
    ['.hidden', 'hidden'],
    ['_private_', 'private_'],
    ['v1.2', 'v1.2'],
    ['Wer? Ich!', 'wer-ich'],
    ['部屋', 'candy-app'],
    ['x'.repeat(230), 'x'.repeat(214)],
  ])('names the app after its folder, as far as npm takes it: %s', async (folder, name) => {
    const at = standing()
    expect((await create(at, folder)).code).toBe(0)
    expect(manifestOf(join(at, folder)).name).toBe(name)
  })

  it('asks for the candy-ws that it was published beside', async () => {
    const at = standing()
    await create(at)
    expect(manifestOf(at).dependencies['candy-ws']).toBe(`^${manifestOf(repository).version}`)
  })

  it.each([
    [['one', 'two'], 'it takes one folder'],
    [['--force'], "Unknown option '--force'"],
  ])('says how it is called, if it is called otherwise: %s', async (args, message) => {
    const at = standing()
    const {code, stdout, stderr} = await create(at, ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`create-candy-ws: ${message}\n\nnpm create candy-ws [folder]\n`)
    expect(filesIn(at)).toEqual({})
  })

  it('says so when asked, and makes nothing', async () => {
    const at = standing()
    const {code, stdout} = await create(at, '--help')
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'npm create candy-ws [folder]'])
    expect(filesIn(at)).toEqual({})
  })
})

describe('the package create-candy-ws', () => {
  it('has the version of candy-ws, and asks for the same Node', () => {
    const [own, other] = [manifestOf(creator), manifestOf(repository)]
    expect([own.version, own.engines]).toEqual([other.version, other.engines])
    expect(readFileSync(join(creator, 'LICENSE'))).toEqual(readFileSync(join(repository, 'LICENSE')))
  })

  it('gives its apps the tools that candy-ws is tested with', () => {
    const app = manifestOf(join(creator, 'template'))
    const {engines, dependencies, devDependencies} = manifestOf(repository)
    const {'candy-ws': _own, ...asked} = {...app.dependencies, ...app.devDependencies}
    expect({...dependencies, ...devDependencies}).toMatchObject(asked)
    expect(app.engines).toEqual(engines)
  })

  it('brings itself and its template, and candy-ws brings neither', () => {
    const template = made.map(file => `template/${file.replace(/^\.git/, 'git')}`)
    expect(packed(creator)).toEqual(
      ['LICENSE', 'README.md', 'create.js', 'package.json', ...template].toSorted(),
    )
    expect(packed(repository).filter(path => path.startsWith('create-candy-ws'))).toEqual([])
  })
})
