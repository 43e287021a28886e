import {Bucket} from '../bucket.js'
import type {LogFields, Logger, LogLevel} from '../log.js'

/** Lines of one phrase that may come at once. */
const atOnce = 20
/** And then, in a second. */
const perSecond = 5
/** Milliseconds after which it is told how many lines were left out. */
const tellAfter = 10_000
/** Candy has a few dozen; what would come beyond shares a ration. */
const mostPhrases = 256
const others = 'other lines'

interface Ration {
  readonly level: LogLevel
  readonly phrase: string
  readonly bucket: Bucket
  leftOut: number
}

/**
 * Repeated lines are rationed: whoever can cause an error can cause a hundred thousand, and the disk, or a transport's
 * queue, would have to hold them. Candy's messages are fixed phrases, and each has a ration. `debug` has none: who asks
 * for it looks for something.
 */
export class RationedLogger implements Logger {
  readonly #log: Logger
  readonly #rations = new Map<string, Ration>()
  /** One for all phrases, while there is something to tell. */
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  debug(fields: LogFields, message: string): void {
    this.#log.debug(fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.#say('info', fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.#say('warn', fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#say('error', fields, message)
  }

  /** Tells what was left out until now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const ration of this.#rations.values()) {
      const {level, phrase, leftOut} = ration
      ration.leftOut = 0
      if (leftOut > 0)
        this.#log[level]({like: phrase, count: leftOut}, `${leftOut} lines like this were left out`)
    }
  }

  #say(level: LogLevel, fields: LogFields, message: string): void {
    const ration = this.#rationOf(level, message)
    if (ration.bucket.take()) return this.#log[level](fields, message)
    ration.leftOut += 1
    // A program that is done must not wait to say so.
    this.#timer ??= setTimeout(() => this.flush(), tellAfter).unref()
  }

  #rationOf(level: LogLevel, message: string): Ration {
    const key = `${level} ${message}`
    const known = this.#rations.get(key)
    if (known) return known
    if (this.#rations.size >= mostPhrases && message !== others) return this.#rationOf(level, others)
    const ration = {level, phrase: message, bucket: new Bucket(perSecond, atOnce), leftOut: 0}
    this.#rations.set(key, ration)
    return ration
  }
}
