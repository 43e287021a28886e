import {createApp, type Logger} from 'candy-ws'
import * as fc from 'fast-check'
import {connect} from 'candy-ws/testing'
import pino from 'pino'
import {expect, it, onTestFinished, vi} from 'vitest'
import {ask, handshake} from '../support/raw.js'

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\u001b[2J',
        '\u009b1m',
        '\u2028',
        '\u2029',
        '\u0085',
        '\t',
        '"',
        '\\',
        '\u007f',
      ),
      fc.string({maxLength: 5}),
    ),
    {minLength: 1, maxLength: 6},
  )
  .map(parts => parts.join(''))

/** What Candy's own logger writes. */
function ownLines(): string[] {
  vi.stubEnv('CANDY_LOG', 'debug')
  const written: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    written.push(String(text))
    return true
  })
  onTestFinished(() => {
    spy.mockRestore()
    vi.unstubAllEnvs()
  })
  return written
}

/** What pino writes, as it is. It knows nothing of control characters but those that JSON escapes. */
function pinoLines(): {written: string[]; logger: Logger} {
  const written: string[] = []
  return {written, logger: pino({level: 'debug'}, {write: text => written.push(text)})}
}

it.each([
  ["Candy's own", () => ({written: ownLines(), words: 'message'})],
  ['pino', () => ({...pinoLines(), words: 'msg'})],
])(
  'row 54: whatever a client says of itself, each line of the log is one line of JSON: %s',
  async (_, make) => {
    const {written, words: key, ...options} = make() as {written: string[]; words: string; logger?: Logger}
    const app = await createApp({
      ...options,
      limits: {maxViolations: 'off', messageRate: 'off', acceptRate: 'off'},
    })
    onTestFinished(() => app.close({drain: 200}))
    app.Route.ws(
      '/room/{id}',
      Candy => {
        Candy.ws.on('message', message => {
          throw new Error(String((message as {words?: unknown}).words ?? message))
        })
        Candy.ws.on('close', (_code, reason) => {
          throw new Error(reason)
        })
      },
      {token: false},
    )
    const {port} = await app.listen({port: 0})

    const property = fc.asyncProperty(nasty, async words => {
      const inHeader = words.replaceAll(/[\r\n\0]|[^\t\u0020-\u00ff]|\u007f/g, '?')
      const headers = {'User-Agent': inHeader, Origin: `http://${inHeader}`}
      await ask(port, handshake('/room/7', headers))
      await ask(port, handshake(`/none/${encodeURIComponent(words)}`))
      const id = encodeURIComponent(`x${words.replaceAll(/[\\/\0]/g, '')}`)
      const client = await connect(app, `/room/${id}`, {token: false, headers: {'user-agent': inHeader}})
      client.send({type: words, words})
      await client.close(4000, words.slice(0, 20))
    })
    await fc.assert(property, {numRuns: 50, examples: [['\u009b1m\u2028\u2029\u007f\u0085']]})
    await app.close({drain: 200})

    const lines = written.join('').split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      expect(line).not.toMatch(unprintable)
      expect(JSON.parse(line)).toMatchObject({level: expect.anything(), [key]: expect.any(String)})
    }
    // They were there to be seen.
    expect(lines.some(line => line.includes('u009b'))).toBe(true)
    expect(lines.some(line => line.includes('u2028'))).toBe(true)
  },
)
