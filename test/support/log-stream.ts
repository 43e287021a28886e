import {Writable} from 'node:stream'
import type {LogStream} from '#candy/telemetry/default-logger.js'

/** Keeps what is written to it, as a file does, or a terminal. */
export function logStream(terminal?: {hasColors: boolean}): LogStream & {readonly written: string} {
  let written = ''
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      written += chunk.toString()
      done()
    },
  })
  const asTerminal = terminal && {isTTY: true, hasColors: () => terminal.hasColors}
  return Object.defineProperty(Object.assign(stream, asTerminal), 'written', {
    get: () => written,
  }) as unknown as LogStream & {readonly written: string}
}
