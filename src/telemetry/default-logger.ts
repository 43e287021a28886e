import {Console} from 'node:console'
import type {Writable} from 'node:stream'
import type {LogFields, Logger, LogLevel} from '../log.js'
import {jsonLine, textLine, type WriteLine} from './log-line.js'

/** Where lines go. A terminal says that it is one. */
export interface LogStream extends Writable {
  readonly isTTY?: boolean
  hasColors?(): boolean
}

/**
 * The default logger. On stderr, so that stdout stays the program's own: a line of JSON per event, and text where stderr
 * is a terminal; `CANDY_LOG_FORMAT=json` or `text` decides. `debug` is silent unless `CANDY_LOG=debug`.
 */
export function defaultLogger(stream: LogStream = process.stderr): Logger {
  // A console does not end the process when whoever has read its lines is gone.
  const output = new Console(stream)
  const line = lineFor(stream)
  const at = (level: LogLevel) => (fields: LogFields, message: string) => {
    if (level === 'debug' && process.env.CANDY_LOG !== 'debug') return
    output.log(line(level, fields, message))
  }
  return {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error')}
}

function lineFor(stream: LogStream): WriteLine {
  const {CANDY_LOG_FORMAT: wanted, NO_COLOR} = process.env
  const isText = wanted === 'text' || (wanted !== 'json' && stream.isTTY === true)
  // https://no-color.org
  return isText ? textLine(!NO_COLOR && stream.isTTY === true && stream.hasColors?.() === true) : jsonLine
}
