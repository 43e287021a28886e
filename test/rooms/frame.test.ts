import {encode, encodeBinary, textFrame, type Frame} from '#candy/rooms/frame.js'
import {randomBytes} from 'node:crypto'
import {inflateRawSync, constants} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import * as ws from 'ws'

/** What `ws` would write. */
function byWs(data: Buffer, opcode: number, rsv1 = false): Buffer {
  const {Sender} = ws as unknown as {Sender: {frame(data: Buffer, options: object): Buffer[]}}
  return Buffer.concat(Sender.frame(data, {fin: true, rsv1, opcode, mask: false, readOnly: false}))
}

const lengths = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 200_000]

function alone(frame: Frame): Buffer {
  return frame.wire
}

function amongOthers(frame: Frame): Buffer {
  const target = Buffer.alloc(frame.size + 3)
  frame.writeTo(target, 3)
  return target.subarray(3)
}

describe('a frame', () => {
  it.each(lengths)('of %i bytes is what ws would write, text and bytes, alone and among others', length => {
    const text = 'x'.repeat(length)
    const bytes = Buffer.alloc(length, 7)
    for (const write of [alone, amongOthers]) {
      expect(write(textFrame(text)).equals(byWs(Buffer.from(text), 1))).toBe(true)
      expect(write(encodeBinary(bytes)).equals(byWs(bytes, 2))).toBe(true)
    }
  })

  it.each(['é'.repeat(63), '日本語', '🎉', 'half a pair: \ud83c', '\0'])('of %j is UTF-8', text => {
    expect(textFrame(text).wire.equals(byWs(Buffer.from(text), 1))).toBe(true)
  })

  it('knows its bytes before it is written', () => {
    for (const length of lengths)
      expect(textFrame('é'.repeat(length)).size).toBe(byWs(Buffer.alloc(length * 2), 1).length)
  })

  it('is made once', () => {
    const frame = textFrame('hello')
    expect(frame.wire).toBe(frame.wire)
  })

  it('keeps bytes as they were when they were sent', () => {
    const scratch = new Uint16Array([1, 2])
    const frame = encode(scratch)
    scratch.fill(9)
    expect(frame.wire.subarray(2)).toEqual(Buffer.from([1, 0, 2, 0]))
  })
})

describe('a compressed frame', () => {
  const long = JSON.stringify(Array.from({length: 200}, (_, n) => ({n, text: 'hello'})))

  /** As a client that keeps no context takes it back (RFC 7692, section 7.2.2). */
  function inflate(payload: Buffer): string {
    const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])])
    return inflateRawSync(whole, {finishFlush: constants.Z_SYNC_FLUSH}).toString()
  }

  it('is shorter, says so in its first byte, and stands by itself', () => {
    const deflated = textFrame(long).deflated as Frame
    const {wire} = deflated
    expect(wire[0]).toBe(0x80 | 0x40 | 0x1)
    expect(deflated.size).toBeLessThan(long.length / 5)
    expect(inflate(wire.subarray(4))).toBe(long)
  })

  it('is made once, however many it is for', () => {
    const frame = textFrame(long)
    expect(frame.deflated).toBe(frame.deflated)
    expect((frame.deflated as Frame).deflated).toBe(frame.deflated)
  })

  it.each([
    ['is short', Buffer.alloc(1_023)],
    ['gets no shorter', randomBytes(2_000)],
  ])('is the frame itself where that %s', (_name, bytes) => {
    const frame = encodeBinary(bytes)
    expect(frame.deflated).toBe(frame)
  })

  it('of a long message comes later, from another thread, and once', async () => {
    const text = long.repeat(20)
    const frame = textFrame(text)
    const later = frame.deflated
    expect(later).toBeInstanceOf(Promise)
    expect(frame.deflated).toBe(later)
    const deflated = await later
    expect(frame.deflated).toBe(deflated)
    expect(inflate(deflated.wire.subarray(4))).toBe(text)
  })
})
