import {constants, deflateRawSync} from 'node:zlib'

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/**
 * A text message as a browser sends it that negotiated permessage-deflate (RFC 7692, section 7.2.1): one frame, masked.
 * Its window is the smallest there is, so that it can be read whatever window the server asked for.
 */
export function compressedFrame(text) {
  const flushed = deflateRawSync(text, {windowBits: 9, finishFlush: constants.Z_SYNC_FLUSH})
  const payload = flushed.subarray(0, flushed.length - 4)
  const length = Buffer.alloc(payload.length < 126 ? 1 : 3)
  if (payload.length < 126) length.writeUInt8(0x80 | payload.length)
  else {
    length.writeUInt8(0x80 | 126)
    length.writeUInt16BE(payload.length, 1)
  }
  const masked = payload.map((byte, n) => byte ^ mask[n & 3])
  return Buffer.concat([Buffer.from([0xc1]), length, mask, masked])
}
