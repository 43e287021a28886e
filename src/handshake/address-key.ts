import {isIPv6} from 'node:net'

const mapped = '0:0:0:0:0:ffff'

/**
 * What connections are counted by: one household has a whole IPv6 /64 (RFC 4291, section 2.5.4), so its first four groups are
 * the key. An IPv4 address is the same however it is written (section 2.5.5.2).
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  const groups = groupsOf(address)
  if (groups.slice(0, 6).join(':') !== mapped) return groups.slice(0, 4).join(':')
  return groups
    .slice(6)
    .map(group => Number.parseInt(group, 16))
    .flatMap(group => [group >> 8, group & 0xff])
    .join('.')
}

/** All eight, in hexadecimal without leading zeros. */
function groupsOf(address: string): string[] {
  const [unscoped] = address.split('%')
  // A URL has one way to write an address (RFC 5952).
  const [head = '', tail] = new URL(`http://[${unscoped}]`).hostname.slice(1, -1).split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(8 - first.length - last.length).fill('0')
  return [...first, ...zeros, ...last]
}
