import {inspect} from 'node:util'
import {guard} from './guard.js'

/** What Candy needs of a logger: pino, console and most others fit as they are. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export type LogFields = Readonly<Record<string, unknown>>
export type LogLevel = keyof Logger

/** Characters of a text that stands in a log line. A client writes some of them: an Origin, a Host. */
const longestText = 256

/** Characters. A hundred calls are told in less. */
const longestStack = 8_192

/** An object is its class in brackets, and no code of its own runs for it. */
const classOnly = {depth: -1, customInspect: false}

/** Whatever was thrown (`null` too) as something a log line can hold. */
export function describeError(thrown: unknown): {error: string; stack?: string} {
  try {
    if (thrown instanceof Error) return {error: cut(`${thrown.name}: ${thrown.message}`), ...stackOf(thrown)}
    return {error: cut(`thrown: ${wordsOf(thrown)}`)}
  } catch {
    return {error: 'thrown: a value without a string form'}
  }
}

/** Of an object its class and its message, and nothing else: it may hold anything, a request with its query too. */
function wordsOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  const what = inspect(thrown, classOnly)
  if (typeof thrown !== 'object' || thrown === null) return what
  // Read so that no getter runs.
  const message: unknown = Object.getOwnPropertyDescriptor(thrown, 'message')?.value
  return typeof message === 'string' ? `${what} ${message}` : what
}

/** It begins with the message, which may quote all that a client has sent. */
function stackOf({stack, message}: Error): {stack?: string} {
  if (stack === undefined) return {}
  const at = stack.indexOf(message)
  const rest = at + message.length
  const short = at < 0 ? stack : stack.slice(0, at) + cut(message) + stack.slice(rest)
  return {stack: short.slice(0, longestStack)}
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text
}

/** A logger that cannot hurt its caller: a transport that throws or rejects loses the line, not the connection. */
export function guardLogger(logger: Logger): Logger {
  const at = (level: LogLevel) => (fields: LogFields, message: string) => {
    void guard(() => logger[level](short(fields), message), [], nowhereLeft)
  }
  return {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error')}
}

function short(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? printable(name === 'stack' ? value : cut(value)) : value,
    ]),
  )
}

/** JSON leaves DEL, the C1 controls (0x9b starts a terminal sequence) and the Unicode line ends as they are. */
function printable(text: string): string {
  return text.replace(/[\u007f-\u009f\u2028\u2029]/g, escaped)
}

/** As JSON writes a character that it escapes. */
export function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function nowhereLeft(): void {
  // There is nowhere left to say it.
}
