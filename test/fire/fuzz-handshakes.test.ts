import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {key, raw} from '../support/raw.js'
import {heldBy, nothing, serve} from '../support/serve.js'

/** More by hand: `CANDY_FUZZ=100000 npx vitest run test/fire/fuzz-handshakes.test.ts` makes a tenth of that. */
const total = Number(process.env.CANDY_FUZZ ?? 10_000) / 10
const atOnce = 50

/** What a handshake may be answered with: the contract, and RFC 9110 for what is no request at all. */
const documented = new Set([101, 400, 403, 404, 405, 408, 414, 417, 426, 429, 431, 501, 503, 505])

interface Handshake {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** How many of its bytes are said; all by default. */
  readonly said?: number
  readonly behind: string
}

const host = ['Host', '127.0.0.1'] as const
const sound: readonly (readonly [string, string])[] = [
  host,
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', key],
]
const odd = fc.constantFrom(
  '',
  ' ',
  ',',
  ';',
  '\u0000',
  '\u009b',
  'é',
  '=',
  '"',
  '%',
  'a'.repeat(300),
  'candy.v1',
  '\t',
)
const value = fc.oneof(
  odd,
  fc.string({unit: 'binary-ascii', maxLength: 12}),
  fc.stringMatching(/^[ -~]{0,40}$/),
)
const header = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      'Origin',
      'Sec-WebSocket-Protocol',
      'Sec-WebSocket-Extensions',
      'Cookie',
      'X-Forwarded-For',
      'Content-Length',
      'Transfer-Encoding',
      'Expect',
      'Host',
      'Upgrade',
      'Connection',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
    ),
    fc.string({unit: 'binary-ascii', maxLength: 8}),
  ),
  value,
)
type Line = readonly [name: string, value: string]

/** The sound lines with one of them changed, doubled, or gone, and others between. */
const headers = fc
  .record({
    change: fc.option(fc.tuple(fc.nat(sound.length - 1), fc.option(value)), {nil: undefined}),
    more: fc.oneof(
      {weight: 2, arbitrary: fc.constant([])},
      {weight: 1, arbitrary: fc.array(header, {maxLength: 4})},
    ),
    flood: fc.oneof(
      {weight: 30, arbitrary: fc.constant(0)},
      {weight: 1, arbitrary: fc.constantFrom(90, 200, 2_500)},
    ),
  })
  .map(({change, more, flood}) => {
    const changed = sound.flatMap(([name, right], at): Line[] => {
      if (at !== change?.[0]) return [[name, right]]
      return change[1] === null ? [] : [[name, change[1]]]
    })
    const flooding = Array.from({length: flood}, (_, n): Line => [`x-${n}`, 'x'])
    return changed.concat(more, flooding)
  })
const segment = fc.oneof(
  odd,
  fc.constantFrom('room', 'live', '..', '.', '%2e', '%2f', '%00', '%', '\\', '{id}', '?a=b', '#'),
  fc.webSegment(),
)
const target = fc.oneof(
  {weight: 3, arbitrary: fc.constantFrom('/live', '/room/7', '/live?x=1', '/live/')},
  {weight: 2, arbitrary: fc.array(segment, {maxLength: 4}).map(segments => `/${segments.join('/')}`)},
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '*',
      'http://127.0.0.1/live',
      '//live',
      '',
      `/live?${'a'.repeat(3_000)}`,
      `/live?${'a&'.repeat(60)}`,
    ),
  },
)
const mostly = <T>(right: T, wrong: fc.Arbitrary<T>) =>
  fc.oneof({weight: 5, arbitrary: fc.constant(right)}, {weight: 1, arbitrary: wrong})
const handshake: fc.Arbitrary<Handshake> = fc.record(
  {
    method: mostly(
      'GET',
      fc.constantFrom('POST', 'get', 'HEAD', 'OPTIONS', 'CONNECT', 'PRI', '', 'G\u0000T'),
    ),
    target,
    version: mostly(
      'HTTP/1.1',
      fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'RTSP/1.0', ''),
    ),
    headers,
    said: fc.nat(400),
    behind: mostly('', fc.string({unit: 'binary-ascii', maxLength: 30})),
  },
  {requiredKeys: ['method', 'target', 'version', 'headers', 'behind']},
)
const soundOne: fc.Arbitrary<Handshake> = fc.record({
  method: fc.constant('GET'),
  target: fc.constantFrom('/live', '/room/7', '/live?x=1', '/live/'),
  version: fc.constant('HTTP/1.1'),
  headers: fc.constant(sound),
  behind: fc.constant(''),
})
const noise = fc.uint8Array({maxLength: 300}).map(bytes => Buffer.from(bytes))

function bytesOf({method, target: to, version, headers: lines, said, behind}: Handshake): Buffer {
  const head = `${method} ${to} ${version}\r\n${lines.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`
  return Buffer.from(head + behind, 'latin1').subarray(0, said)
}

/** Whether nothing at all is wrong with it, so that it has to be let in. */
function isSound({method, target: to, version, headers: lines, said}: Handshake): boolean {
  const same =
    lines.length === sound.length &&
    lines.every(([name, text], at) => name === sound[at]![0] && text === sound[at]![1])
  return (
    same &&
    said === undefined &&
    method === 'GET' &&
    version === 'HTTP/1.1' &&
    ['/live', '/room/7', '/live?x=1', '/live/'].includes(to)
  )
}

/** Whether RFC 6455 (section 4.2.1) has it be a handshake: read from its bytes, by nothing that Candy reads with. */
function isHandshake(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const [first = '', ...lines] = text
    .slice(0, end)
    .replace(/^(\r\n)+/, '')
    .split('\r\n')
  const values = (name: string) =>
    lines.flatMap(line =>
      line.toLowerCase().startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : [],
    )
  const has = (name: string, word: string) =>
    values(name).some(one =>
      one
        .toLowerCase()
        .split(',')
        .some(part => part.trim() === word),
    )
  return (
    /^GET \/(live|room)[/?\x21-\x7e]* HTTP\/1\.1$/.test(first) &&
    has('upgrade', 'websocket') &&
    has('connection', 'upgrade') &&
    values('sec-websocket-version').includes('13') &&
    values('sec-websocket-key').some(one => /^[+/0-9A-Za-z]{22}==$/.test(one))
  )
}

describe('random handshakes', {timeout: 3_600_000}, () => {
  it(`row 73: ${total} times: the process lives, every socket ends, and a handler runs for a handshake only`, async () => {
    let opened = 0
    const {app, port, log} = await serve(
      {limits: {maxPerIp: 'off', acceptRate: 'off', headersTimeout: 500, closeTimeout: 200}},
      ({Route}) => {
        Route.ws('/live', () => void (opened += 1), {token: false})
        Route.ws('/room/{id}', () => void (opened += 1), {token: false})
      },
    )
    let [sounds, upgrades] = [0, 0]
    /** Says it, ends its own direction, and gives the status. */
    const status = async (bytes: Buffer) => {
      const client = await raw(port)
      client.socket.end(bytes)
      await client.closed
      const said = client.received.toString('latin1')
      if (said === '') return 0
      expect(said).toMatch(/^HTTP\/1\.1 \d{3} /)
      return Number(said.slice(9, 12))
    }
    const judge = async (one: Handshake | Buffer) => {
      const bytes = Buffer.isBuffer(one) ? one : bytesOf(one)
      const given = await status(bytes)
      if (given !== 0) expect(documented).toContain(given)
      if (given === 101) {
        upgrades += 1
        expect(isHandshake(bytes)).toBe(true)
      }
      if (!Buffer.isBuffer(one) && isSound(one)) {
        sounds += 1
        expect(given).toBe(101)
      }
    }
    const one = fc.oneof(
      {weight: 8, arbitrary: handshake},
      {weight: 1, arbitrary: soundOne},
      {weight: 1, arbitrary: noise},
    )
    const some = fc.array(one, {minLength: atOnce, maxLength: atOnce, size: 'max'})
    await fc.assert(
      fc.asyncProperty(some, async all => {
        await Promise.all(all.map(judge))
      }),
      {numRuns: Math.ceil(total / atOnce), interruptAfterTimeLimit: 3_000_000},
    )
    await expect.poll(() => heldBy(app)).toEqual(nothing)
    expect(opened).toBe(upgrades)
    expect(sounds).toBeGreaterThan(total / 200)
    expect(log.errors()).toEqual([])
  })
})
