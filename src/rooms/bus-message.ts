import {isUtf8} from 'node:buffer'
import {compact} from './compact.js'
import {Frame, type SendOptions} from './frame.js'
import {isRoom} from './rooms.js'
import type {Target} from './target.js'

/** What one node tells others: a message for their clients, or, without a frame, that some were lost. */
export interface BusMessage {
  /** The id of the node. */
  readonly from: string
  readonly to: Target
  /** Rooms and connection ids. */
  readonly except?: readonly string[] | undefined
  readonly options?: SendOptions | undefined
  /** Given where it goes out on several channels: whoever hears several takes it once. */
  readonly id?: string | undefined
  readonly frame?: Frame | undefined
}

/** What is on a channel and is no message of ours: not counted by its words, which may be anybody's. */
export type Foreign = 'form' | 'version'

// On the wire: 'candy', a version, two bytes that are the length of the head, the head in JSON, and the payload as it goes to
// clients. Whoever may publish on the bus is trusted with the clients, but not with the process: all is checked.
const magic = Buffer.from('candy')
const version = 1
const fixed = magic.length + 3
const longestHead = 0xff_ff

interface Head {
  readonly from: string
  readonly rooms?: readonly string[] | undefined
  readonly user?: string | undefined
  readonly except?: readonly string[] | undefined
  readonly volatile?: boolean | undefined
  readonly latest?: string | undefined
  readonly id?: string | undefined
  readonly frame?: 'text' | 'binary' | undefined
}

/** @throws RangeError for rooms, exceptions and keys that are longer than 64 KiB together */
export function encodeMessage({from, to, except, options, id, frame}: BusMessage): Buffer {
  const words: Head = {
    from,
    ...('rooms' in to && {rooms: to.rooms}),
    ...('user' in to && {user: to.user}),
    ...(except && except.length > 0 && {except}),
    ...(options?.volatile && {volatile: true}),
    ...(options?.latest !== undefined && {latest: options.latest}),
    id,
    frame: frame && (frame.binary ? 'binary' : 'text'),
  }
  const head = JSON.stringify(words)
  const headLength = Buffer.byteLength(head)
  if (headLength > longestHead)
    throw new RangeError(
      `Rooms and exceptions of a message take at most 64 KiB with a bus, not ${headLength} bytes`,
    )
  const data = frame?.data ?? ''
  const bytes = Buffer.allocUnsafe(fixed + headLength + Buffer.byteLength(data))
  bytes.set(magic)
  bytes[magic.length] = version
  bytes.writeUInt16BE(headLength, magic.length + 1)
  bytes.write(head, fixed)
  if (typeof data === 'string') bytes.write(data, fixed + headLength)
  else bytes.set(data, fixed + headLength)
  return bytes
}

/** Never throws, whatever it is given. */
export function decodeMessage(bytes: Buffer): BusMessage | Foreign {
  if (bytes.length < fixed || magic.compare(bytes, 0, magic.length) !== 0) return 'form'
  if (bytes[magic.length] !== version) return 'version'
  const payloadAt = fixed + bytes.readUInt16BE(magic.length + 1)
  if (payloadAt > bytes.length) return 'form'
  const head = readHead(bytes.toString('utf8', fixed, payloadAt))
  if (!head) return 'form'
  const {from, rooms, user, except, id, frame, ...options} = head
  const payload = bytes.subarray(payloadAt)
  // A client would take text that is none for a broken connection (RFC 6455, section 8.1).
  if (frame === 'text' && !isUtf8(payload)) return 'form'
  const to: Target = rooms ? {rooms} : user === undefined ? {everyone: true} : {user}
  return {from, to, except, options, id, frame: frame && new Frame(compact(payload), frame === 'binary')}
}

function readHead(text: string): Head | undefined {
  try {
    const head = JSON.parse(text) as Head | null
    return isHead(head) ? head : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isList = (value: unknown, isOne: (one: unknown) => boolean) =>
  Array.isArray(value) && value.every(isOne)

const fields: Readonly<Record<keyof Head, (value: unknown) => boolean>> = {
  from: value => isText(value) && value !== '',
  rooms: value => isList(value, isRoom),
  user: isText,
  except: value => isList(value, isText),
  volatile: value => typeof value === 'boolean',
  latest: isText,
  id: isText,
  frame: value => value === 'text' || value === 'binary',
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null || !('from' in value)) return false
  return Object.entries(value).every(
    ([name, field]) => Object.hasOwn(fields, name) && fields[name as keyof Head](field),
  )
}
