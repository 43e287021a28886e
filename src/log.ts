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

const levels = ['debug', 'info', 'warn', 'error'] as const

/**
 * The default logger: one line of JSON per event on stderr, so that stdout stays the program's own.
 * JSON escapes control characters, so no field can forge a second line. `debug` is silent unless asked for.
 */
export function jsonLogger(write: (line: string) => void = line => process.stderr.write(line)): Logger {
  const at = (level: (typeof levels)[number]) => (fields: LogFields, message: string) => {
    if (level === 'debug' && process.env.CANDY_LOG !== 'debug') return
    write(`${printable(JSON.stringify({time: new Date().toISOString(), level, message, ...fields}))}\n`)
  }
  return {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error')}
}

/** JSON leaves DEL, the C1 controls (0x9b starts a terminal sequence) and the Unicode line ends as they are. */
function printable(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One line, and no code of the object's own runs for it. */
const brief = {
  depth: 2,
  breakLength: Infinity,
  maxArrayLength: 10,
  maxStringLength: 200,
  customInspect: false,
}

/** Whatever was thrown (`null` too) as something a log line can hold. */
export function describeError(thrown: unknown): {error: string; stack?: string} {
  try {
    if (thrown instanceof Error) return {error: `${thrown.name}: ${thrown.message}`, stack: thrown.stack}
    const text = typeof thrown === 'string' ? thrown : inspect(thrown, brief).slice(0, 500)
    return {error: `thrown: ${text}`}
  } catch {
    return {error: 'thrown: a value without a string form'}
  }
}

/** A logger that cannot hurt its caller: a transport that throws or rejects loses the line, not the connection. */
export function guardLogger(logger: Logger): Logger {
  const at = (level: (typeof levels)[number]) => (fields: LogFields, message: string) => {
    void guard(() => logger[level](fields, message), [], nowhereLeft)
  }
  return {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error')}
}

function nowhereLeft(): void {
  // There is nowhere left to say it.
}
