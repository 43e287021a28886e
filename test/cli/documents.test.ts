import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {appFolder} from '../support/app-folder.js'
import {candy} from '../support/cli.js'

// A process takes long to start where many do.
vi.setConfig({testTimeout: 60_000})

const controller = `import {Body, Emits, OnMessage, Token, WsRoute} from 'candy-ws'
import {IsString, MaxLength} from 'class-validator'

class Say {
  @IsString()
  @MaxLength(500)
  text!: string
}

@WsRoute('/room/<id>')
@Token(false)
@Emits('said', Say)
export class RoomController {
  @OnMessage('say', {reply: Say})
  say(@Body() message: Say) {
    return message
  }
}
`
const files = {
  'package.json': {type: 'module', name: 'chat', version: '1.2.3'},
  'controllers/room.ts': controller,
}

/** The same app after its author's next idea. */
function rename(dir: string): void {
  writeFileSync(join(dir, 'controllers/room.ts'), controller.replace('text!', 'words!'))
}

describe.each([
  ['types', 'contract.d.ts'],
  ['asyncapi', 'asyncapi.json'],
])('candy %s', (command, name) => {
  it('prints the document, and the same each time', async () => {
    const dir = appFolder(files)
    const [first, second] = [candy([command, dir]), candy([command, dir])]
    const {code, stdout, stderr} = await first.exited
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Say')
    expect((await second.exited).stdout).toBe(stdout)
  })

  it('--out writes it, and --check says whether it has drifted', async () => {
    const dir = appFolder(files)
    const file = join(dir, 'web/docs', name)
    expect(await candy([command, dir, '--out', file]).exited).toEqual({code: 0, stdout: '', stderr: ''})
    expect(await candy([command, dir, '--check', file]).exited).toEqual({code: 0, stdout: '', stderr: ''})
    rename(dir)
    const {code, stdout, stderr} = await candy([command, dir, '--check', file]).exited
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/is not what the routes say, from line \d+ on; write it anew: candy/)
    expect(stderr).toContain(`candy ${command} ${dir} --out ${file}\n`)
    expect(readFileSync(file, 'utf8')).toContain('text')
  })

  it('--check wants the file to be there', async () => {
    const dir = appFolder(files)
    const {code, stderr} = await candy([command, dir, '--check', join(dir, name)]).exited
    expect(code).toBe(1)
    expect(stderr).toContain('is not there; write it anew')
  })

  it('says which messages are not known', async () => {
    const dir = appFolder({
      ...files,
      'route/game.js': "Candy.Route.ws('/game', () => {})\nCandy.Route.page('/', () => '')\n",
      'route/package.json': {type: 'commonjs'},
    })
    const {code, stdout, stderr} = await candy([command, dir]).exited
    expect([code, stderr]).toEqual([
      0,
      'not known, as functions say their messages when a client connects: those of /game (route/game.js:1)\n',
    ])
    expect(stdout).toContain('/game')
  })

  it('reports the boot errors of an app that has some', async () => {
    const dir = appFolder({...files, 'controllers/other.ts': controller})
    const {code, stdout, stderr} = await candy([command, dir, '--out', join(dir, name)]).exited
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('[DUPLICATE_ROUTE]')
  })
})

it('candy types --check takes a file that somebody formatted', async () => {
  const dir = appFolder(files)
  const {stdout} = await candy(['types', dir]).exited
  const formatted = stdout
    .replaceAll("'", '"')
    .replaceAll(/(: \w+)$/gm, '$1;')
    .replaceAll('  ', '\t')
  expect(formatted).not.toBe(stdout)
  writeFileSync(join(dir, 'contract.d.ts'), formatted)
  expect((await candy(['types', dir, '--check', join(dir, 'contract.d.ts')]).exited).code).toBe(0)
})

it('candy asyncapi --check does not mind a line that moved', async () => {
  const dir = appFolder(files)
  const file = join(dir, 'asyncapi.json')
  await candy(['asyncapi', dir, '--out', file]).exited
  writeFileSync(join(dir, 'controllers/room.ts'), `\n\n${controller}`)
  expect((await candy(['asyncapi', dir, '--check', file]).exited).code).toBe(0)
})
