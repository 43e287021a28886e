import * as fc from 'fast-check'
import {defaultLimits} from '#candy/limits.js'
import {describe, expect, it} from 'vitest'
import {craft, frame} from '../support/frames.js'
import {decode} from '../support/decoder.js'
import {handshake, raw} from '../support/raw.js'
import {heldBy, nothing, serve, type Served} from '../support/serve.js'
import {keptStreams} from './kept.js'

/** More by hand: `CANDY_FUZZ=100000 npx vitest run test/fire/fuzz-streams.test.ts`. */
const total = Number(process.env.CANDY_FUZZ ?? 5_000)
const atOnce = 250
const bounds = {
  maxPayload: Number(defaultLimits.maxPayload),
  maxFragments: Number(defaultLimits.maxFragments),
}

interface Stream {
  readonly bytes: Buffer
  /** Where it is cut into packets, of 1. */
  readonly cuts: readonly number[]
  readonly end: 'fin' | 'reset' | 'silent'
}

const bytes = (maxLength: number) => fc.uint8Array({maxLength}).map(array => Buffer.from(array))
const text = fc.oneof(
  fc.string({unit: 'binary', maxLength: 40}),
  fc.json({maxDepth: 2}),
  fc.constantFrom(
    '{"type":"candy.ping"}',
    '',
    'null',
    '{"type":"say","ref":1}',
    'x'.repeat(126),
    'é'.repeat(200),
  ),
)
const payload: fc.Arbitrary<string | Buffer> = fc.oneof(text, bytes(200))
const mask = bytes(4).filter(({length}) => length === 4)
const message = fc.record({payload, mask}).map(craft)
const fragmented = fc
  .record({
    parts: fc.array(
      fc.oneof(
        text.map(part => Buffer.from(part)),
        bytes(20),
      ),
      {minLength: 2, maxLength: 6},
    ),
    first: fc.constantFrom(1, 2),
    between: fc.boolean(),
  })
  .map(({parts, first, between}) =>
    Buffer.concat(
      parts.flatMap((part, at) => [
        craft({fin: at === parts.length - 1, opcode: at === 0 ? first : 0, payload: part}),
        ...(between ? [frame('', 9)] : []),
      ]),
    ),
  )
const control = fc.record({opcode: fc.constantFrom(9, 10), payload: bytes(125), mask}).map(craft)
const close = fc
  .tuple(fc.oneof(fc.constantFrom(1000, 1001, 1005, 1006, 3000, 4999), fc.nat(65_535)), bytes(20))
  .map(([code, reason]) =>
    craft({opcode: 8, payload: Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason])}),
  )
/** A frame any part of which may be wrong. */
const broken = fc
  .record(
    {
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0, 0x10, 0x20, 0x40),
      opcode: fc.nat(15),
      payload,
      mask: fc.oneof(mask, fc.constant(false as const)),
      length: fc.oneof(
        fc.bigInt(0n, 200n),
        fc.constantFrom(65_536n, 65_537n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
      ),
    },
    {requiredKeys: ['opcode']},
  )
  .map(craft)
const cutOff = fc.tuple(message, fc.nat(20)).map(([whole, length]) => whole.subarray(0, length))
const piece = fc.oneof(
  {weight: 6, arbitrary: message},
  {weight: 3, arbitrary: fragmented},
  {weight: 2, arbitrary: control},
  {weight: 1, arbitrary: close},
  {weight: 2, arbitrary: broken},
  {weight: 1, arbitrary: cutOff},
  {weight: 1, arbitrary: bytes(64)},
)
const stream: fc.Arbitrary<Stream> = fc.record({
  bytes: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.array(piece, {minLength: 1, maxLength: 10}).map(pieces => Buffer.concat(pieces)),
    },
    {weight: 1, arbitrary: bytes(300)},
  ),
  cuts: fc.array(fc.double({min: 0, max: 1, noNaN: true}), {maxLength: 3}),
  end: fc.constantFrom('fin', 'fin', 'fin', 'reset', 'silent'),
})

/** What a listener is given for a message, as text. */
const told = (data: unknown) =>
  Buffer.isBuffer(data) ? `bytes ${data.toString('hex')}` : JSON.stringify(data)

function wanted({binary, bytes: data}: {binary: boolean; bytes: Buffer}): string {
  if (binary) return told(data)
  try {
    return told(JSON.parse(data.toString()))
  } catch {
    return told(data.toString())
  }
}

interface Listening extends Served {
  /** What was heard, by the number of the connection. */
  readonly heard: Map<string, string[]>
  /** Of each connection: the end that it waits for, and how often it was told. */
  readonly closes: Map<string, number>
  readonly whenClosed: Map<string, () => void>
}

async function listening(): Promise<Listening> {
  const heard = new Map<string, string[]>()
  const closes = new Map<string, number>()
  const whenClosed = new Map<string, () => void>()
  const limits = {
    messageRate: 'off',
    byteRate: 'off',
    maxPerIp: 'off',
    acceptRate: 'off',
    maxConnections: 'off',
    // Who says nothing more is gone soon.
    pingInterval: 100,
    pongTimeout: 100,
    messageTimeout: 300,
    closeTimeout: 300,
  } as const
  const served = await serve({limits}, app =>
    app.Route.ws(
      '/{number}',
      ({ws, Request}) => {
        const number = Request.data.url.number!
        const mine: string[] = []
        heard.set(number, mine)
        ws.on('message', data => mine.push(told(data)))
        ws.on('close', () => {
          closes.set(number, (closes.get(number) ?? 0) + 1)
          whenClosed.get(number)!()
        })
      },
      {token: false},
    ),
  )
  return {...served, heard, closes, whenClosed}
}

let numbers = 0

/** Says the stream, and awaits the end of its socket. */
async function tell({port, heard, whenClosed}: Listening, {bytes: all, cuts, end}: Stream): Promise<void> {
  numbers += 1
  const number = String(numbers)
  const over = new Promise<void>(resolve => whenClosed.set(number, resolve))
  const client = await raw(port)
  await client.write(handshake(`/${number}`)).head()
  const places = [0, ...cuts.map(cut => Math.floor(cut * all.length)).toSorted((a, b) => a - b), all.length]
  for (const [at, place] of places.slice(1).entries()) {
    const part = all.subarray(places[at], place)
    if (part.length > 0 && client.socket.writable)
      await new Promise<void>(resolve => client.socket.write(part, () => resolve()))
  }
  if (end === 'fin') client.socket.end()
  if (end === 'reset') client.reset()
  await Promise.all([client.closed, over])

  const {messages, code} = decode(all, bounds)
  const right = messages.map(wanted)
  const were = heard.get(number)
  const whole = end !== 'reset' && code === undefined
  // After a reset, or a fault behind them, there may be fewer; never others.
  expect(were).toEqual(whole ? right : right.slice(0, were!.length))
  if (end !== 'reset' && code !== undefined) expect((await client.closeFrame()).code).toBe(code)
}

describe('random bytes after a handshake', {timeout: 3_600_000}, () => {
  it.each(keptStreams)('row 21: were once a fault: %s', async (_, hex) => {
    const target = await listening()
    for (const end of ['fin', 'reset', 'silent'] as const)
      await tell(target, {bytes: Buffer.from(hex, 'hex'), cuts: [], end})
    await expect.poll(() => heldBy(target.app)).toEqual(nothing)
  })

  it(`row 21: ${total} times: the process lives, every socket ends, no handler hears what was not said`, async () => {
    const target = await listening()
    const property = fc.asyncProperty(
      fc.array(stream, {minLength: atOnce, maxLength: atOnce, size: 'max'}),
      async streams => {
        target.heard.clear()
        target.closes.clear()
        target.whenClosed.clear()
        await Promise.all(streams.map(one => tell(target, one)))
        expect([...target.closes.values()].every(times => times === 1)).toBe(true)
      },
    )
    // What fails is shrunk as long as it helps; then it belongs into kept.ts.
    await fc.assert(property, {numRuns: Math.ceil(total / atOnce), interruptAfterTimeLimit: 3_000_000})
    await expect.poll(() => heldBy(target.app)).toEqual(nothing)
    expect(target.log.errors()).toEqual([])
  })
})
