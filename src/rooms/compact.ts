import {Buffer} from 'node:buffer'

/** A copy, if the bytes keep much more memory alive than they are: zlib gives each result a chunk of 16 KiB. */
export function compact(bytes: Buffer): Buffer {
  return bytes.length * 2 < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes
}
