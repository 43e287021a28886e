import {constants, deflateRaw, deflateRawSync} from 'node:zlib'
import {compact} from './compact.js'

/** Bytes. Below, the header and the work cost more than they save. */
const shortest = 1_024

/** Bytes. Up to here it takes less time than to ask another thread: 0.3 ms for JSON, 0.5 ms for noise. */
const longestAtOnce = 16_384

/** Long messages that are compressed at once: each takes 270 kB meanwhile, and a thread that files and names need, too. */
const mostAtOnce = 2

let running = 0
const waiting: (() => void)[] = []

const options = {finishFlush: constants.Z_SYNC_FLUSH}

/** What each flush ends with, and the receiver puts back (RFC 7692, section 7.2.1). */
const trailer = 4

/**
 * Compresses one message by itself, as `server_no_context_takeover` has it: whoever agreed to that can read it, and no
 * connection keeps a compressor, which takes 230 kB.
 *
 * @param length of the payload in bytes
 * @returns `undefined` if it is too short or gets no shorter; a promise, which never rejects, for a long one
 */
export function deflate(
  payload: string | Buffer,
  length: number,
): Buffer | undefined | Promise<Buffer | undefined> {
  if (length < shortest) return undefined
  if (length <= longestAtOnce) return shorter(deflateRawSync(payload, options), length)
  return new Promise(resolve =>
    whenFree(done =>
      deflateRaw(payload, options, (error, deflated) => {
        done()
        resolve(error ? undefined : shorter(deflated, length))
      }),
    ),
  )
}

/** In the order in which they came. */
function whenFree(work: (done: () => void) => void): void {
  if (running >= mostAtOnce) return void waiting.push(() => whenFree(work))
  running += 1
  work(() => {
    running -= 1
    waiting.shift()?.()
  })
}

function shorter(deflated: Buffer, length: number): Buffer | undefined {
  return deflated.length - trailer < length ? compact(deflated.subarray(0, -trailer)) : undefined
}
