/** @throws TypeError unless an endpoint may send it (RFC 6455, section 7.4) */
export function checkCloseCode(code: unknown): asserts code is number {
  const legal =
    Number.isInteger(code) &&
    (((code as number) >= 1000 && (code as number) <= 1014 && ![1004, 1005, 1006].includes(code as number)) ||
      ((code as number) >= 3000 && (code as number) <= 4999))
  if (!legal)
    throw new TypeError(`${String(code)} is no close code: use 1000 to 1003, 1007 to 1014 or 3000 to 4999`)
}

const maxReasonBytes = 123

/** A control frame holds 125 bytes, two of them the code (RFC 6455, section 5.5); cut on a code point. */
export function cutReason(reason: string): string {
  if (Buffer.byteLength(reason) <= maxReasonBytes) return reason
  let cut = ''
  let bytes = 0
  for (const char of reason) {
    bytes += Buffer.byteLength(char)
    if (bytes > maxReasonBytes) break
    cut += char
  }
  return cut
}
