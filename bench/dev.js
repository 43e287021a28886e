// From a save to serving under `candy dev`: a file is written, and fresh connections are made until one hears the new
// answer. Twice 50 saves: with a pause after each, as people save, and without any, which finds no process standing by.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {WebSocket} from 'ws'
import {spread, table} from './stats.js'

const repository = fileURLToPath(new URL('..', import.meta.url))
const saves = 50
const pauseMs = 1_500
const controllers = 8

const dir = mkdtempSync(join(tmpdir(), 'candy-dev-'))
mkdirSync(join(dir, 'node_modules'))
mkdirSync(join(dir, 'controllers'))
mkdirSync(join(dir, 'lib'))
symlinkSync(repository, join(dir, 'node_modules', 'candy-ws'), 'dir')
symlinkSync(
  join(repository, 'node_modules', 'class-validator'),
  join(dir, 'node_modules', 'class-validator'),
  'dir',
)
writeFileSync(join(dir, 'package.json'), '{"type": "module"}')
writeFileSync(join(dir, 'lib', 'answer.ts'), answer(0))
for (let n = 0; n < controllers; n += 1)
  writeFileSync(join(dir, 'controllers', `room-${n}.ts`), controller(n))

function answer(n) {
  return `import {injectable} from 'candy-ws'

@injectable()
export class Answer {
  readonly n: number = ${n}
}
`
}

function controller(name) {
  return `import {Body, Candy, OnMessage, OnOpen, Token, WsRoute} from 'candy-ws'
import {Length} from 'class-validator'
import {Answer} from '../lib/answer.js'

export class Say {
  @Length(1, 500)
  text!: string
}

@WsRoute('/room-${name}')
@Token(false)
export class Room {
  constructor(private readonly candy: Candy, private readonly answer: Answer) {}

  @OnOpen()
  opened() {
    this.candy.ws.send(this.answer.n)
  }

  @OnMessage('say')
  say(@Body() {text}: Say) {
    return {text}
  }
}
`
}

/** What a fresh connection hears; nothing if it is not let in. */
async function ask(url) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/room-0`)
  try {
    const [data] = await once(socket, 'message')
    return Number(data)
  } catch {
    return undefined
  } finally {
    socket.on('error', () => undefined).terminate()
  }
}

function save(n) {
  const file = join(dir, 'lib', 'answer.ts')
  if (n % 2 === 0) return writeFileSync(file, answer(n))
  writeFileSync(`${file}.tmp`, answer(n))
  renameSync(`${file}.tmp`, file)
}

async function measure(url, first, pause) {
  const times = []
  for (let n = first; n < first + saves; n += 1) {
    await delay(pause)
    const begun = performance.now()
    save(n)
    while ((await ask(url)) !== n) await delay(10)
    times.push(performance.now() - begun)
  }
  return times
}

const main = join(repository, 'dist', 'cli', 'main.js')
const program = spawn(process.execPath, [main, 'dev', dir, '--port', '0'], {
  stdio: ['ignore', 'pipe', 'ignore'],
})
try {
  const [line] = await once(program.stdout.setEncoding('utf8'), 'data')
  const url = line.replace('listening on ', '').trim()
  const paused = await measure(url, 1, pauseMs)
  const inARow = await measure(url, 1 + saves, 0)
  table([
    ['save to serving', `ms, median of ${saves}`],
    ['with a pause before each', spread(paused, 0)],
    ['in a row', spread(inARow, 0)],
  ])
} finally {
  program.kill()
  await once(program, 'exit')
  rmSync(dir, {recursive: true, force: true})
}
