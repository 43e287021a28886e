import {createServer} from 'node:http'
import {expect, it} from 'vitest'
import {WebSocketServer} from 'ws'
import {defaultLimits} from '#candy/limits.js'
import {closeFrame, craft, frame} from '../support/frames.js'
import {hostServer} from '../support/host.js'
import {handshake, raw} from '../support/raw.js'
import {serve} from '../support/serve.js'

const kib = 1_024
const bytes = (...all: number[]) => Buffer.from(all)
const x = (length: number) => 'x'.repeat(length)
const begun = craft({fin: false, payload: 'a'})
const continued = (payload: string | Buffer, fin = true) => craft({fin, opcode: 0, payload})
/** As it was cut anywhere: what is no text in one piece is none in two. */
const inTwo = (text: Buffer) => [
  craft({fin: false, opcode: 1, payload: text.subarray(0, 1)}),
  continued(text.subarray(1)),
]
const fragments = (count: number) => [
  begun,
  ...Array.from({length: count - 2}, () => continued('a', false)),
  continued('a'),
]

/** Name, frames, and the close code on the wire. */
type Case = readonly [name: string, frames: readonly Buffer[], code: number]

const hostile: readonly Case[] = [
  ['RSV1, and nobody compresses', [craft({rsv: 0x40, payload: 'a'})], 1002],
  ['RSV2', [craft({rsv: 0x20, payload: 'a'})], 1002],
  ['RSV3', [craft({rsv: 0x10, payload: 'a'})], 1002],
  ['every RSV', [craft({rsv: 0x70, payload: 'a'})], 1002],
  ['RSV1 in a continuation', [begun, craft({rsv: 0x40, opcode: 0, payload: 'a'})], 1002],
  ['RSV1 in a ping', [craft({rsv: 0x40, opcode: 9})], 1002],
  ['RSV1 in a close', [craft({rsv: 0x40, opcode: 8})], 1002],
  ['opcode 3', [craft({opcode: 3})], 1002],
  ['opcode 7', [craft({opcode: 7, payload: 'a'})], 1002],
  ['opcode 11', [craft({opcode: 11})], 1002],
  ['opcode 15', [craft({opcode: 15, payload: 'a'})], 1002],
  ['a continuation of nothing', [continued('a')], 1002],
  ['a continuation of nothing, to be continued', [continued('a', false)], 1002],
  ['a continuation of what was whole', [frame('a'), continued('b')], 1002],
  ['text amid text', [begun, frame('b')], 1002],
  ['binary amid text', [begun, frame(bytes(1))], 1002],
  ['a ping to be continued', [craft({fin: false, opcode: 9})], 1002],
  ['a pong to be continued', [craft({fin: false, opcode: 10})], 1002],
  ['a close to be continued', [craft({fin: false, opcode: 8})], 1002],
  ['a ping of 126 bytes', [craft({opcode: 9, payload: x(126)})], 1002],
  ['a close of 126 bytes', [closeFrame(1000, x(124))], 1002],
  ['text without a mask', [craft({mask: false, payload: 'a'})], 1002],
  ['a ping without a mask', [craft({mask: false, opcode: 9})], 1002],
  ['a close without a mask', [craft({mask: false, opcode: 8})], 1002],
  ['one byte more than maxPayload', [frame(x(64 * kib + 1))], 1009],
  ['40 and 40 KiB', [craft({fin: false, payload: x(40 * kib)}), continued(x(40 * kib))], 1009],
  ['a length of 2^63', [craft({length: 2n ** 63n})], 1009],
  ['a length of 2^53', [craft({length: 2n ** 53n})], 1009],
  ['a length of 2^32', [craft({length: 2n ** 32n})], 1009],
  ['257 fragments', fragments(257), 1008],
  ['a close of one byte', [craft({opcode: 8, payload: 'a'})], 1002],
  ['close code 0', [closeFrame(0)], 1002],
  ['close code 999', [closeFrame(999)], 1002],
  ['close code 1004', [closeFrame(1004)], 1002],
  ['close code 1005', [closeFrame(1005)], 1002],
  ['close code 1006', [closeFrame(1006)], 1002],
  ['close code 1015', [closeFrame(1015)], 1002],
  ['close code 2999', [closeFrame(2999)], 1002],
  ['close code 5000', [closeFrame(5000)], 1002],
  ['a close reason that is not UTF-8', [craft({opcode: 8, payload: bytes(3, 232, 0xff)})], 1007],
  ['text with an overlong slash', [craft({opcode: 1, payload: bytes(0xc0, 0xaf)})], 1007],
  ['text with half a pair', [craft({opcode: 1, payload: bytes(0xed, 0xa0, 0x80)})], 1007],
  ['text above U+10FFFF', [craft({opcode: 1, payload: bytes(0xf4, 0x90, 0x80, 0x80)})], 1007],
  ['text that breaks off, in two fragments', inTwo(bytes(0xe2, 0x82)), 1007],
]

/** What looks hostile and is allowed: the code is that of the close frame which comes behind it. */
const allowed: readonly Case[] = [
  ['maxPayload', [frame(x(64 * kib))], 1000],
  ['256 fragments', fragments(256), 1000],
  ['a length in more bits than it needs', [craft({payload: 'a', lengthBits: 64})], 1000],
  ['a mask', [craft({payload: 'masked', mask: bytes(1, 2, 3, 4)})], 1000],
  ['a character in two fragments', inTwo(Buffer.from('é')), 1000],
  ['a ping amid text', [begun, craft({opcode: 9}), continued('b')], 1000],
  ['a pong nobody asked for', [craft({opcode: 10, payload: x(125)})], 1000],
  ['a close without a code', [craft({opcode: 8})], 1005],
  ['close code 4999', [closeFrame(4999, x(123))], 4999],
]

interface Heard {
  readonly port: number
  /** What its handler was given. */
  readonly messages: string[]
}

async function bareWs(): Promise<Heard> {
  const messages: string[] = []
  const server = createServer()
  const {port} = await hostServer(server)
  const {maxPayload, maxFragments} = defaultLimits as {maxPayload: number; maxFragments: number}
  const sockets = new WebSocketServer({server, maxPayload, maxFragments})
  sockets.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', (data, binary) => messages.push(`${binary} ${(data as Buffer).toString()}`))
  })
  return {port, messages}
}

async function candy(): Promise<Heard & {readonly errors: () => unknown[]}> {
  const messages: string[] = []
  const {port, log} = await serve({}, app =>
    app.Route.ws(
      '/',
      Candy => {
        Candy.ws.on('message', data =>
          messages.push(Buffer.isBuffer(data) ? `true ${data.toString()}` : `false ${String(data)}`),
        )
      },
      {token: false},
    ),
  )
  return {port, messages, errors: () => log.errors()}
}

/** The code on the wire. A close of our own comes behind all, for what is allowed. */
async function codeFrom(port: number, frames: readonly Buffer[]): Promise<number> {
  const client = await raw(port)
  client.write(Buffer.concat([handshake('/'), ...frames, closeFrame(1000)]))
  const {code} = await client.closeFrame()
  client.socket.end()
  await client.closed
  return code
}

it('there are 44 of them', () => {
  expect(hostile).toHaveLength(44)
})

it.each([...hostile, ...allowed])('row 20: %s', async (_, frames, code) => {
  const [ours, theirs] = await Promise.all([candy(), bareWs()])
  const codes = {candy: await codeFrom(ours.port, frames), ws: await codeFrom(theirs.port, frames)}
  expect(codes).toEqual({candy: code, ws: code})
  expect(ours.messages).toEqual(theirs.messages)
  expect(ours.errors()).toEqual([])
})
