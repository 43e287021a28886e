import {expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const good = {
  'package.json': {type: 'commonjs'},
  'route/one.js': `Candy.Route.ws('/one', () => {})\n`,
}

it('a faultless app: exit 0, nothing on stderr', async () => {
  expect(await candy(['check', appFolder(good)]).exited).toEqual({
    code: 0,
    stdout: '1 route, no faults\n',
    stderr: '',
  })
})

it('an app without routes: says what it looked for, and which folder is misnamed, not that all is well', async () => {
  const dir = appFolder({
    'package.json': {type: 'commonjs'},
    'controller/room.js': '',
    'web/routes/one.js': good['route/one.js'],
  })
  const {code, stdout, stderr} = await candy(['check', dir]).exited
  expect([code, stdout]).toEqual([0, 'no routes\n'])
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^no routes found: looked for exported @WsRoute classes/),
    'found controller/: the folder is called controllers/',
    'found web/routes/: the folder is called route/',
    '',
  ])
})

it('two faults in two files: both on stderr, each with place and remedy, exit 1', async () => {
  const dir = appFolder({
    ...good,
    'route/two.js': `\n\nCandy.Route.ws('/two/{id', () => {})\n`,
    'controllers/three.ts': `import {WsRoute} from 'candy-ws'

@WsRoute('/three')
export class Three {}
`,
  })
  const {code, stdout, stderr} = await candy(['check', dir]).exited
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^route\/two\.js:3 {2}.+ \[MALFORMED_PATH\]\n {4}\S.+$/m)
  expect(stderr).toMatch(/^controllers\/three\.ts:3 {2}.+ \[NO_HANDLER\]\n {4}\S.+$/m)
  expect(stderr.trimEnd().split('\n')).toHaveLength(4)
})

it('a file that does not load hides no other fault', async () => {
  const dir = appFolder({
    ...good,
    'route/broken.js': `\nthrow new Error('mine')\n`,
    'route/syntax.js': `Candy.Route.ws(\n`,
    'route/two.js': `Candy.Route.use('nobody').ws('/two', () => {})\n`,
    'middleware/none.js': `module.exports = 7\n`,
  })
  const {code, stderr} = await candy(['check', dir]).exited
  expect(code).toBe(1)
  expect(stderr).toMatch(/^middleware\/none\.js:1 {2}.+ \[NOT_A_FUNCTION\]$/m)
  expect(stderr).toMatch(/^route\/broken\.js:2 {2}.+mine \[LOAD_FAILED\]$/m)
  expect(stderr).toMatch(/^route\/syntax\.js:\d {2}.+ \[LOAD_FAILED\]$/m)
  expect(stderr).toMatch(/^route\/two\.js:1 {2}.+'nobody' \[UNKNOWN_MIDDLEWARE\]$/m)
})

it('serves nothing and ends, whatever a file left running', async () => {
  const dir = appFolder({...good, 'route/timer.js': 'setInterval(() => {}, 1_000)\n'})
  expect((await candy(['check', dir]).exited).code).toBe(0)
})

it.each([
  [['no-such-command'], "there is no command 'no-such-command'"],
  [['check', '.', 'more'], "'check' takes one folder"],
  [['check', '--json'], "'check' has no option --json"],
  [['routes', '--port', '1'], "'routes' has no option --port"],
  [['start', '--prot', '1'], "candy: Unknown option '--prot'\n\n"],
  [['start', '--port'], "candy: Option '--port <value>' argument missing\n\n"],
])('a wrong call, candy %j: usage on stderr, exit 2', async (args, message) => {
  const {code, stdout, stderr} = await candy(args).exited
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
  expect(stderr).toContain('candy start  [dir]')
})

it('help, --help and --version answer on stdout', async () => {
  const [help, flag] = await Promise.all([candy(['help']).exited, candy(['--help']).exited])
  expect(flag.stdout).toContain('candy check  [dir]')
  expect(help).toEqual({...flag, code: 0, stderr: ''})
  expect((await candy(['--version']).exited).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
