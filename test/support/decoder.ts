/** What a stream of client frames says (RFC 6455, section 5), read anew: it shares nothing with what it is held against. */
export interface Decoded {
  /** Whole, valid messages. */
  readonly messages: readonly {readonly binary: boolean; readonly bytes: Buffer}[]
  /** The code the server has to close with; `undefined`: the stream may go on. 1005: the client closed without one. */
  readonly code: number | undefined
  readonly pings: number
}

interface Bounds {
  readonly maxPayload: number
  readonly maxFragments: number
}

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})

function isText(bytes: Buffer): boolean {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Codes that may stand in a close frame: those of the RFC and its registry, and everybody's own. */
const registered = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])
const mayClose = (code: number) => registered.has(code) || (code >= 3000 && code <= 4999)

function codeOfClose(payload: Buffer): number {
  if (payload.length === 0) return 1005
  if (payload.length === 1) return 1002
  const code = payload.readUInt16BE(0)
  if (!mayClose(code)) return 1002
  return isText(payload.subarray(2)) ? code : 1007
}

/** @param bounds of the server that is told it */
export function decode(stream: Buffer, {maxPayload, maxFragments}: Bounds): Decoded {
  const messages: {binary: boolean; bytes: Buffer}[] = []
  let pings = 0
  let begun: {readonly binary: boolean; readonly parts: Buffer[]; length: number} | undefined
  const end = (code?: number): Decoded => ({messages, code, pings})

  for (let at = 0; ;) {
    if (stream.length < at + 2) return end()
    const [first, second] = [stream[at]!, stream[at + 1]!]
    const [fin, opcode, short] = [first >= 0x80, first & 0x0f, second & 0x7f]
    if ((first & 0x70) !== 0) return end(1002)
    const isControl = opcode >= 8
    if (isControl ? opcode > 10 || !fin || short > 125 : opcode > 2) return end(1002)
    if (!isControl && (opcode === 0) !== (begun !== undefined)) return end(1002)
    if (second < 0x80) return end(1002)

    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    const body = at + 2 + lengthBytes + 4
    if (stream.length < at + 2 + lengthBytes) return end()
    const length =
      short === 127
        ? Number(stream.readBigUInt64BE(at + 2))
        : short === 126
          ? stream.readUInt16BE(at + 2)
          : short
    if (!isControl && (begun?.length ?? 0) + length > maxPayload) return end(1009)
    if (stream.length < body + length) return end()
    const mask = stream.subarray(body - 4, body)
    const payload = Buffer.from(stream.subarray(body, body + length).map((byte, n) => byte ^ mask[n % 4]!))
    at = body + length

    if (opcode === 8) return end(codeOfClose(payload))
    if (opcode === 9) pings += 1
    if (isControl) continue
    begun ??= {binary: opcode === 2, parts: [], length: 0}
    begun.parts.push(payload)
    begun.length += length
    if (begun.parts.length > maxFragments) return end(1008)
    if (!fin) continue
    const bytes = Buffer.concat(begun.parts)
    if (!begun.binary && !isText(bytes)) return end(1007)
    messages.push({binary: begun.binary, bytes})
    begun = undefined
  }
}
