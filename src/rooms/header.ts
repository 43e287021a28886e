import type {Buffer} from 'node:buffer'

// The header of a frame that a server sends: final, unmasked (RFC 6455, section 5.2).

const final = 0x80
/** Compressed (RFC 7692, section 6). */
const rsv1 = 0x40
const text = 0x1
const bytes = 0x2

/** A length above these is written in two bytes more, in eight. */
const longestShort = 125
const longestMiddle = 0xff_ff

/** The first byte. */
export function firstByte(binary: boolean, deflated: boolean): number {
  return final | (deflated ? rsv1 : 0) | (binary ? bytes : text)
}

/** @param length of the payload */
export function headerSize(length: number): 2 | 4 | 10 {
  if (length <= longestShort) return 2
  return length <= longestMiddle ? 4 : 10
}

/** @returns where the payload begins */
export function writeHeader(target: Buffer, offset: number, first: number, length: number): number {
  target[offset] = first
  if (length <= longestShort) {
    target[offset + 1] = length
    return offset + 2
  }
  if (length <= longestMiddle) {
    target[offset + 1] = longestShort + 1
    target[offset + 2] = length >> 8
    target[offset + 3] = length & 0xff
    return offset + 4
  }
  target[offset + 1] = longestShort + 2
  target.writeBigUInt64BE(BigInt(length), offset + 2)
  return offset + 10
}
