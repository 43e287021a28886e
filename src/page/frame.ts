import {hex} from './pretty.js'

/** What went over a connection, or what became of it. */
export interface Frame {
  /** Counts up from 1; no two frames of a log have the same. */
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly way: 'in' | 'out' | 'note'
  readonly data: string | Uint8Array
}

/** A frame in one line: its type, where it has one, what else is in it, and whether it is good or bad news. */
export interface FrameLine {
  readonly type: string
  readonly rest: string
  readonly tone: 'reply' | 'error' | undefined
}

/** More of a frame than fits on a line is not looked at for it. */
const lineLength = 400

export function lineOf({data, way}: Frame): FrameLine {
  if (typeof data !== 'string') return {type: 'binary', rest: hex(data.subarray(0, 64)), tone: undefined}
  if (way === 'note') return plain(data)
  const message = data.length <= 20_000 ? parsed(data) : undefined
  if (!message || typeof message.type !== 'string') return plain(data)
  const {type, ...rest} = message
  if (way === 'in' && type === 'error' && typeof rest.code === 'string')
    return {type, rest: [rest.code, rest.message].filter(Boolean).join('  '), tone: 'error'}
  const tone = way === 'in' && type === 'reply' ? 'reply' : undefined
  return {type, rest: preview(rest).slice(0, lineLength), tone}
}

/** What can be read at a glance comes first, and what holds more comes last and closed: `text: "hi", from: {…}`. */
function preview(fields: Record<string, unknown>): string {
  const parts = Object.entries(fields).map(([name, value]) => ({name, value, isClosed: isClosed(value)}))
  return parts
    .toSorted((a, b) => Number(a.isClosed) - Number(b.isClosed))
    .map(({name, value}) => `${name}: ${glance(value)}`)
    .join(', ')
}

const isClosed = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

function glance(value: unknown): string {
  if (!isClosed(value)) return JSON.stringify(value)
  return Array.isArray(value) ? `[${value.length}]` : '{…}'
}

function plain(text: string): FrameLine {
  return {type: '', rest: text.slice(0, lineLength).replaceAll(/\s+/g, ' '), tone: undefined}
}

/** The object that a text says; `undefined` for anything else. */
export function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

const encoder = new TextEncoder()

/** Bytes on the wire, without the frame's own head. */
export const sizeOf = ({data}: Frame): number =>
  typeof data === 'string' ? encoder.encode(data).length : data.length

/** `512 B`, `1.2 kB` */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `17:24:03.120` */
export function clock(at: number): string {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
