import * as fc from 'fast-check'
import {decodeMessage, encodeMessage, type BusMessage} from '#candy/rooms/bus-message.js'
import {encode} from '#candy/rooms/frame.js'
import {isRoom} from '#candy/rooms/rooms.js'
import {describe, expect, it} from 'vitest'

const room = fc.string({unit: 'binary', minLength: 1, maxLength: 40}).filter(isRoom)
const target = fc.oneof(
  fc.record({rooms: fc.array(room, {minLength: 1, maxLength: 4})}),
  fc.record({user: fc.string()}),
  fc.constant({everyone: true as const}),
)
const data = fc.oneof(fc.jsonValue(), fc.string({unit: 'binary'}), fc.uint8Array({maxLength: 300}))

/** What a message says, in a form that can be compared. */
function saidBy(message: BusMessage | string): unknown {
  if (typeof message === 'string') return message
  const {frame, ...rest} = message
  return {...rest, frame: frame && [frame.binary, Buffer.from(frame.wire).toString('hex')]}
}

describe('a message between nodes', () => {
  it('comes out as it went in, to the last byte of its frame', () => {
    fc.assert(
      fc.property(target, fc.array(fc.string()), data, fc.boolean(), (to, except, what, volatile) => {
        const frame = encode(what)
        const bytes = encodeMessage({from: 'a', to, except, options: {volatile, latest: 'k'}, id: '1', frame})
        const options = volatile ? {volatile, latest: 'k'} : {latest: 'k'}
        const expected = {
          from: 'a',
          to,
          except: except.length > 0 ? except : undefined,
          options,
          id: '1',
          frame,
        }
        expect(saidBy(decodeMessage(bytes))).toEqual(saidBy(expected))
      }),
      {numRuns: 1_000},
    )
  })

  it('row 58: is foreign, whatever bytes there are, and never throws', () => {
    const real = encodeMessage({from: 'a', to: {rooms: ['r']}, frame: encode('héllo')})
    const damage = fc.record({at: fc.nat(real.length - 1), to: fc.nat(255)})
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 400}), bytes => {
        expect(decodeMessage(Buffer.from(bytes))).toBe('form')
      }),
      {numRuns: 2_000},
    )
    fc.assert(
      fc.property(fc.array(damage, {minLength: 1, maxLength: 4}), fc.nat(real.length), (damages, cut) => {
        const bytes = Buffer.from(real)
        for (const {at, to} of damages) bytes[at] = to
        decodeMessage(bytes)
        decodeMessage(bytes.subarray(0, cut))
      }),
      {numRuns: 5_000},
    )
  })

  const head = (words: unknown, payload: Uint8Array = Buffer.from('x'), version = 1) => {
    const json = Buffer.from(typeof words === 'string' ? words : JSON.stringify(words))
    const length = Buffer.alloc(2)
    length.writeUInt16BE(json.length)
    return Buffer.concat([Buffer.from('candy'), Buffer.from([version]), length, json, payload])
  }

  it('is of another version, and then nothing else of it is looked at', () => {
    expect(decodeMessage(head('no JSON', undefined, 2))).toBe('version')
    expect(decodeMessage(head('no JSON', undefined, 0))).toBe('version')
  })

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['no sender', {rooms: ['r']}],
    ['an empty sender', {from: ''}],
    ['rooms that are none', {from: 'a', rooms: ['']}],
    ['rooms that are no list', {from: 'a', rooms: 'r'}],
    ['a room with a control character', {from: 'a', rooms: ['a\r\nb']}],
    ['exceptions that are no text', {from: 'a', except: [1]}],
    ['an option that is none', {from: 'a', volatile: 'yes'}],
    ['a field more', {from: 'a', admin: true}],
    ['a frame of a third kind', {from: 'a', frame: 'ping'}],
  ])('is foreign with %s', (_, words) => {
    expect(decodeMessage(head(words))).toBe('form')
  })

  it('is foreign with text that is not UTF-8: clients would take it for a broken connection', () => {
    expect(decodeMessage(head({from: 'a', frame: 'text'}, Buffer.from([0xc3, 0x28])))).toBe('form')
    expect(decodeMessage(head({from: 'a', frame: 'binary'}, Buffer.from([0xc3, 0x28])))).not.toBe('form')
  })

  it('is refused with a head above 64 KiB', () => {
    const except = Array.from({length: 3_000}, (_, n) => `${n}`.padStart(22, 'x'))
    expect(() => encodeMessage({from: 'a', to: {everyone: true}, except})).toThrow(RangeError)
  })
})
