import {expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const files = {
  'package.json': {type: 'module'},
  'controllers/room.ts': `import {Auth, OnMessage, Token, Use, WsRoute} from 'candy-ws'

@WsRoute('/room/<id>', {refuse: 'http'})
@Auth()
@Use('rate-limit')
export class RoomController {
  @OnMessage('say')
  say() {}
}

@WsRoute('/public')
@Token(false)
export class PublicController {
  @OnMessage()
  any() {}
}
`,
  'web/package.json': {type: 'commonjs'},
  'web/middleware/first.js': 'module.exports = () => true\n',
  'web/route/websocket.js': `// routes
function game() {}
Candy.Route.use('first').ws('/game', game)
Candy.Route.auth.use('first', function second() {}).ws('/a/{x}/{y}', () => {}, {parallel: 2, token: false})
`,
}

it('--json prints an array sorted by path, handlers by name, sources as file:line', async () => {
  const {code, stdout, stderr} = await candy(['routes', appFolder(files), '--json']).exited
  expect([code, stderr]).toEqual([0, ''])
  const rows = JSON.parse(stdout) as object[]
  expect(rows).toEqual([
    {
      kind: 'ws',
      path: '/a/{x}/{y}',
      params: ['x', 'y'],
      token: false,
      auth: true,
      use: ['first', 'second'],
      options: {parallel: 2},
      handler: 'anonymous',
      source: 'web/route/websocket.js:4',
    },
    {
      kind: 'ws',
      path: '/game',
      params: [],
      token: true,
      auth: false,
      use: ['first'],
      options: {},
      handler: 'game',
      source: 'web/route/websocket.js:3',
    },
    {
      kind: 'ws',
      path: '/public',
      params: [],
      token: false,
      auth: false,
      use: [],
      options: {},
      handler: 'PublicController',
      source: 'controllers/room.ts:11',
    },
    {
      kind: 'ws',
      path: '/room/{id}',
      params: ['id'],
      token: true,
      auth: true,
      use: ['rate-limit'],
      options: {refuse: 'http'},
      handler: 'RoomController',
      source: 'controllers/room.ts:3',
    },
  ])
  expect(Object.keys(rows[0]!)).toEqual([
    'kind',
    'path',
    'params',
    'token',
    'auth',
    'use',
    'options',
    'handler',
    'source',
  ])
})

it('prints the table in columns, sorted by path', async () => {
  const {code, stdout, stderr} = await candy(['routes', appFolder(files)]).exited
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`\
KIND  PATH        GUARDS                   HANDLER           SOURCE
ws    /a/{x}/{y}  auth, first, second      anonymous         web/route/websocket.js:4
ws    /game       token, first             game              web/route/websocket.js:3
ws    /public     -                        PublicController  controllers/room.ts:11
ws    /room/{id}  auth, token, rate-limit  RoomController    controllers/room.ts:3
`)
})

it('an app without routes: says so, and an empty array as JSON', async () => {
  const dir = appFolder({'package.json': {}})
  expect(await candy(['routes', dir]).exited).toEqual({code: 0, stdout: 'no routes\n', stderr: ''})
  expect(await candy(['routes', dir, '--json']).exited).toEqual({code: 0, stdout: '[]\n', stderr: ''})
})

it('a faulty app: the faults on stderr, nothing on stdout, exit 1', async () => {
  const dir = appFolder({...files, 'web/route/bad.js': `\nCandy.Route.ws('bad', () => {})\n`})
  const {code, stdout, stderr} = await candy(['routes', dir, '--json']).exited
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('web/route/bad.js:2')
})
