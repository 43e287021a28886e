import {defaultLogger} from '#candy/telemetry/default-logger.js'
import {describeError} from '#candy/log.js'
import * as fc from 'fast-check'
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {logStream} from '../support/log-stream.js'
import {ask, handshake} from '../support/raw.js'
import {serve} from '../support/serve.js'

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const loggerUrl = new URL('../../dist/telemetry/default-logger.js', import.meta.url).href
const nasty = 'a\r\nb\u001b[31mc\u009b1md\u0085e\u2028f\u2029g\u007fh\u0000'

// Whoever runs the tests may have said what they like to see.
beforeEach(() => ['CANDY_LOG', 'CANDY_LOG_FORMAT', 'NO_COLOR'].forEach(name => vi.stubEnv(name, undefined)))
afterEach(() => vi.unstubAllEnvs())

const terminal = () => logStream({hasColors: false})

describe('the default logger, to a file or a pipe', () => {
  it('writes one line of JSON per event, with time, level and message', () => {
    const stream = logStream()
    defaultLogger(stream).warn({route: '/room/{id}', tries: 3}, 'told')
    expect(stream.written).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(stream.written)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'warn',
      message: 'told',
      route: '/room/{id}',
      tries: 3,
    })
  })

  it('escapes every control character, so that no field forges a line or speaks to a terminal', () => {
    const log = (fields: object, message: string) => {
      const stream = logStream()
      defaultLogger(stream).error({...fields}, message)
      const [line, rest] = stream.written.split('\n')
      expect(line).not.toMatch(unprintable)
      expect(rest).toBe('')
      return JSON.parse(line!) as unknown
    }
    const fields = {[nasty]: nasty, deep: {[nasty]: [nasty]}}
    expect(log(fields, nasty)).toMatchObject({message: nasty, ...fields})
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.string({unit: 'binary'}), (message, field) => {
        expect(log({field}, message)).toMatchObject({message, field})
      }),
    )
  })

  it('keeps what a handshake said of itself out of a line of its own', async () => {
    const stream = logStream()
    const {app, port} = await serve({logger: defaultLogger(stream)})
    app.Route.ws(
      '/room/{id}',
      Candy => {
        throw new Error(`no room ${Candy.Request.data.url.id} for ${Candy.Request.header('user-agent')}`)
      },
      {token: false},
    )
    await ask(port, handshake('/room/a%0a%1b%5B31m%c2%9b', {'User-Agent': 'x\u009by'}))
    const [line, ...rest] = stream.written.split('\n')
    expect(line).not.toMatch(unprintable)
    expect(rest).toEqual([''])
    const told = JSON.parse(line!) as {route: string; error: string}
    expect([told.route, told.error]).toEqual([
      '/room/{id}',
      'Error: no room a\n\u001b[31m\\u009b for x\\u009by',
    ])
  })

  it('tells debug only when CANDY_LOG asks for it', () => {
    const stream = logStream()
    const log = defaultLogger(stream)
    log.debug({}, 'quiet')
    expect(stream.written).toBe('')
    vi.stubEnv('CANDY_LOG', 'debug')
    log.debug({}, 'told')
    expect(stream.written).toContain('"told"')
  })

  it('outlives whoever reads its lines', async () => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import {defaultLogger} from '${loggerUrl}'
process.stdin.once('data', () => {
  for (let line = 0; line < 100; line += 1) defaultLogger().error({line}, 'nobody reads it')
  setTimeout(() => process.exit(7), 100)
})`,
    ])
    child.stderr.destroy()
    await once(child.stderr, 'close')
    child.stdin.write('go')
    expect(await once(child, 'exit')).toEqual([7, null])
  })
})

describe('the default logger, to a terminal', () => {
  it('writes for people: time, level, message, fields, and the stack of an error below', () => {
    const stream = terminal()
    const error = new TypeError('no\nroom')
    error.stack = `TypeError: no\nroom\n    at say (controllers/room.ts:12:3)\n    at turn (dist/turn.js:1:1)`
    const fields = {
      route: '/room/{id}',
      connection: 'a-b',
      text: 'two words',
      tries: 3,
      none: undefined,
      of: {a: 1},
    }
    defaultLogger(stream).error({...fields, ...describeError(error)}, 'the handler threw')
    expect(stream.written).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error the handler threw /)
    expect(stream.written.slice(13))
      .toBe(`error the handler threw route=/room/{id} connection=a-b text="two words" tries=3 of={"a":1}
    TypeError: no
    room
        at say (controllers/room.ts:12:3)
        at turn (dist/turn.js:1:1)
`)
  })

  it('tells an error that has no stack beside the other fields', () => {
    const stream = terminal()
    defaultLogger(stream).warn({...describeError(null)}, 'told')
    expect(stream.written.slice(13)).toBe('warn  told error="thrown: null"\n')
  })

  it('escapes every control character; only the lines of an error are lines, and stand below its own', () => {
    const write = (fields: object, message: string) => {
      const stream = terminal()
      defaultLogger(stream).error({...fields}, message)
      const lines = stream.written.slice(0, -1).split('\n')
      for (const line of lines) expect(line).not.toMatch(unprintable)
      for (const below of lines.slice(1)) expect(below).toMatch(/^ {4}/)
      return lines
    }
    expect(write({[nasty]: nasty, deep: {[nasty]: [nasty]}}, nasty)).toHaveLength(1)
    expect(write(describeError(new Error(nasty)), nasty).length).toBeGreaterThan(2)
    const text = fc.string({unit: 'binary'})
    fc.assert(
      fc.property(text, text, text, (message, name, field) => {
        expect(write({[name === 'stack' ? 'name' : name]: field}, message)).toHaveLength(1)
      }),
    )
  })

  it('has colour where the terminal has it, and nobody has set NO_COLOR', () => {
    const written = (hasColors: boolean) => {
      const stream = logStream({hasColors})
      defaultLogger(stream).error({}, 'told')
      return stream.written.slice(13)
    }
    expect(written(true)).toContain('\u001b[31merror\u001b[39m told\n')
    expect(written(false)).toBe('error told\n')
    vi.stubEnv('NO_COLOR', '1')
    expect(written(true)).toBe('error told\n')
  })

  it('writes JSON all the same, or text to a pipe, where CANDY_LOG_FORMAT says so', () => {
    vi.stubEnv('CANDY_LOG_FORMAT', 'json')
    const [screen, pipe] = [terminal(), logStream()]
    defaultLogger(screen).info({}, 'told')
    expect(JSON.parse(screen.written)).toMatchObject({message: 'told'})
    vi.stubEnv('CANDY_LOG_FORMAT', 'text')
    defaultLogger(pipe).info({}, 'told')
    expect(pipe.written.slice(13)).toBe('info  told\n')
  })

  // util-linux has a terminal for whoever has none.
  const hasTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux')
  it.skipIf(!hasTerminal)('knows a real one', () => {
    const program = `import {defaultLogger} from "${loggerUrl}"; defaultLogger().warn({route: "/"}, "told")`
    const command = `"${process.execPath}" --input-type=module --eval '${program}'`
    const env = {...process.env, TERM: 'xterm-256color', CI: undefined, FORCE_COLOR: undefined}
    const {stdout} = spawnSync('script', ['-qec', command, '/dev/null'], {env, encoding: 'utf8'})
    expect(stdout).toContain('\u001b[33mwarn \u001b[39m told \u001b[90mroute=/\u001b[39m')
  })
})
