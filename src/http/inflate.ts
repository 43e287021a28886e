import {constants, inflateRawSync} from 'node:zlib'
import {compact} from '../rooms/compact.js'

/** What `ws` keeps of permessage-deflate for a connection. */
export interface Inflates {
  /** As agreed with the client (RFC 7692, section 7.1). */
  readonly params: Readonly<Record<string, unknown>> | null
  decompress(data: Buffer, fin: boolean, done: (error: Error | null, data?: Buffer) => void): void
  /** Frees what it has made. */
  cleanup(): void
}

/** Bytes, compressed and not. Up to here it takes less time than to ask another thread. */
const longestAtOnce = 65_536

const trailer = Buffer.from([0x00, 0x00, 0xff, 0xff])
const finishFlush = constants.Z_SYNC_FLUSH

/**
 * Decompresses each message by itself, as `client_no_context_takeover` has it: a connection keeps no decompressor, which takes 40 kB.
 * What is long, in fragments or broken is left to `ws`, which frees what that took when the message is whole.
 *
 * @param maxPayload bytes of a message, decompressed; 0 for any number
 */
export function inflateAlone(extension: Inflates, maxPayload: number): void {
  if (extension.params?.client_no_context_takeover !== true) return
  const most = Math.min(maxPayload || longestAtOnce, longestAtOnce)
  const slowly = extension.decompress.bind(extension)
  let fragmented = false
  extension.decompress = (data, fin, done) => {
    const whole = fin && !fragmented
    fragmented = !fin
    const inflated = whole && data.length <= most ? inflate(data, most) : undefined
    // Later, as `ws` expects it.
    if (inflated) return process.nextTick(done, null, inflated)
    slowly(data, fin, (error, late) => {
      if (fin) extension.cleanup()
      done(error, late && compact(late))
    })
  }
}

function inflate(data: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    return compact(inflateRawSync(Buffer.concat([data, trailer]), {finishFlush, maxOutputLength}))
  } catch {
    return undefined
  }
}
