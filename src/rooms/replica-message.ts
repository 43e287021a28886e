import type {Denial, Lease} from './bus.js'
import type {DenialsDigest} from './denials.js'

/** What nodes say to each other so that each has a replica of what all hold. */
export type ReplicaMessage = {readonly from: string} & (
  | {
      /** `hello`: tell me how far you are. */
      readonly kind: 'hello' | 'beat'
      /** How often its leases have changed. */
      readonly version: number
      readonly denials: DenialsDigest
    }
  | {readonly kind: 'changes'; readonly version: number; readonly leases: readonly Lease[]}
  | {readonly kind: 'ask'; readonly what: 'leases' | 'denials'}
  | {
      /** All that it holds, in order, in as many messages as it takes. */
      readonly kind: 'state'
      readonly version: number
      readonly part: number
      readonly isLast: boolean
      readonly leases: readonly Lease[]
    }
  | {readonly kind: 'denials'; readonly denials: readonly Denial[]}
  | {readonly kind: 'bye'}
)

/** Bytes of one message: less than the least that a bus takes, with room for what does not divide. */
const chunkSize = 200 * 1024

/** Bytes of a message that is looked at. */
const longest = 1024 * 1024

export function encode(message: ReplicaMessage): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** A list in pieces of which each fits in one message; never none. */
export function chunksOf<T extends Lease | Denial>(list: Iterable<T>): T[][] {
  let chunk: T[] = []
  const chunks = [chunk]
  let size = 0
  for (const item of list) {
    const more = Buffer.byteLength(JSON.stringify(item)) + 1
    if (size + more > chunkSize && chunk.length > 0) {
      chunks.push((chunk = []))
      size = 0
    }
    chunk.push(item)
    size += more
  }
  return chunks
}

/** @returns `undefined` if it is none, or not in every part */
export function decode(bytes: Uint8Array): ReplicaMessage | undefined {
  if (bytes.length > longest) return undefined
  try {
    return messageOf(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()))
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

function messageOf(value: unknown): ReplicaMessage | undefined {
  if (!isObject(value)) return undefined
  const {kind, from} = value
  if (!isNodeId(from)) return undefined
  switch (kind) {
    case 'hello':
    case 'beat':
      return beatOf(kind, from, value)
    case 'changes':
    case 'state':
      return leasesOf(kind, from, value)
    case 'ask':
      return value.what === 'leases' || value.what === 'denials' ? {kind, from, what: value.what} : undefined
    case 'denials': {
      const denials = listOf(value.denials, denialOf)
      return denials && {kind, from, denials}
    }
    case 'bye':
      return {kind, from}
    default:
      return undefined
  }
}

function beatOf(kind: 'hello' | 'beat', from: string, value: Fields): ReplicaMessage | undefined {
  const {version, denials} = value
  if (!isCount(version) || !isObject(denials)) return undefined
  const {minute, count, sum} = denials
  if (!isCount(minute) || !isCount(count) || !isCount(sum)) return undefined
  return {kind, from, version, denials: {minute, count, sum}}
}

function leasesOf(kind: 'changes' | 'state', from: string, value: Fields): ReplicaMessage | undefined {
  const {version, part, isLast} = value
  const leases = listOf(value.leases, leaseOf)
  if (!isCount(version) || !leases) return undefined
  if (kind === 'changes') return {kind, from, version, leases}
  return isCount(part) && typeof isLast === 'boolean'
    ? {kind, from, version, part, isLast, leases}
    : undefined
}

function leaseOf(item: unknown): Lease | undefined {
  if (!isObject(item)) return undefined
  const {group, id, value} = item
  if (typeof group !== 'string' || !/^[\w-]{1,200}$/.test(group) || !isName(id)) return undefined
  return value === undefined || typeof value === 'string' ? {group, id, value} : undefined
}

function denialOf(item: unknown): Denial | undefined {
  if (!isObject(item)) return undefined
  const {what, until} = item
  return isName(what) && Number.isFinite(until) ? {what, until: until as number} : undefined
}

function listOf<T>(value: unknown, itemOf: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list = value.map(itemOf)
  return list.includes(undefined) ? undefined : (list as T[])
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isNodeId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,128}$/.test(value)
}

/** What a name says is its node's affair. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 8_192
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
