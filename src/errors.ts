/**
 * An error meant for the client: thrown in a message handler or listener it is sent as an error frame,
 * `{type: 'error', ref?, code, message, details?}`, and neither logged nor given to `error` listeners.
 *
 * @example throw new CandyError('ROOM_FULL', 'This room takes 8 players')
 */
export class CandyError extends Error {
  override readonly name = 'CandyError'
  constructor(
    readonly code: string,
    message: string = code,
    readonly details?: unknown,
  ) {
    super(message)
  }
}

/** Every way a program can be refused before it serves. `docs/errors.md` has a paragraph for each. */
export const bootCodes = {
  DUPLICATE_ROUTE: 'two routes match the same addresses',
  DUPLICATE_PARAMETER: 'a path names one parameter twice',
  MALFORMED_PATH: 'a path does not follow the path syntax',
  UNKNOWN_MIDDLEWARE: 'no middleware has this name',
  NOT_A_FUNCTION: 'a handler or a middleware is no function',
  NO_HANDLER: 'a controller has no handler',
  NOT_EXPORTED: 'a controller is not exported from its file',
  DUPLICATE_HANDLER: 'two methods of a controller take the same message, or @Emits names a type twice',
  RESERVED_TYPE: 'message types that begin with "candy." are reserved',
  NO_METADATA: 'the compiler emitted no types for a decorated class',
  TYPE_ONLY_IMPORT: 'the class of an injected parameter was erased by the compiler',
  CIRCULAR_IMPORT: 'two files import each other before either is ready',
  MISSING_TOKEN: 'nothing is registered for an injected token',
  CAPTIVE_DEPENDENCY: 'a singleton would keep what belongs to one connection',
  UNINJECTABLE: 'a parameter is neither a DTO nor injectable',
  NO_RULES: 'a class used as a message has no validation rules',
  UNJUDGED_FIELD: 'a class with rules stands in a field of a message, and they are not asked',
  UNKNOWN_PARAMETER: '@Param() names no parameter of the path',
  MODULE_FORMAT: 'a CommonJS file lies where package.json says ES modules',
  LOAD_FAILED: 'a file could not be loaded',
  INVALID_OPTION: 'an option is unknown or has a wrong value',
  UNSAFE_ROUTE: 'a route that knows users is open to every web page',
  MISSING_SECRET: 'production has no secret',
  MISSING_PACKAGE: 'an option needs a package that is not installed',
} as const

export type BootCode = keyof typeof bootCodes

/** One fault in a program, with the place to look at and the way to mend it. */
export interface Problem {
  readonly code: BootCode
  /** `file:line`, relative to the app folder. */
  readonly place: string
  readonly message: string
  readonly remedy: string
}

/** All faults found at boot, at once. `createApp()` rejects with it; `candy check` prints it. */
export class BootError extends Error {
  override readonly name = 'BootError'
  readonly #problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    const sorted = problems.toSorted((a, b) => byPlace(a.place, b.place))
    super(sorted.map(format).join('\n'))
    this.#problems = Object.freeze(sorted)
    // The faults lie in the author's files, each with its place; where Candy found them helps nobody.
    this.stack = `${this.name}\n${this.message}`
  }

  /** By place. */
  get problems(): readonly Problem[] {
    return this.#problems
  }
}

/** By file, then by line. */
function byPlace(a: string, b: string): number {
  const [[fileA, lineA], [fileB, lineB]] = [splitPlace(a), splitPlace(b)]
  if (fileA !== fileB) return fileA < fileB ? -1 : 1
  return lineA - lineB
}

function splitPlace(place: string): [file: string, line: number] {
  const match = /^(.*):(\d+)$/.exec(place)
  return match ? [match[1]!, Number(match[2])] : [place, 0]
}

export function bootError(code: BootCode, place: string, message: string, remedy: string): BootError {
  return new BootError([{code, place, message, remedy}])
}

/** A fault of the app is told in its own words; anything else with its stack. */
export function faultText(error: unknown): string {
  if (error instanceof BootError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function format({code, place, message, remedy}: Problem): string {
  return `${place}  ${message} [${code}]\n    ${remedy}`
}

/** Gathers the faults of many steps, so that one run names them all. */
export class Problems {
  readonly #found: Problem[] = []

  /** Runs a step; a `BootError` is kept and `undefined` returned, anything else is thrown on. */
  collect<T>(step: () => T): T | undefined {
    try {
      return step()
    } catch (error) {
      this.keep(error)
      return undefined
    }
  }

  keep(error: unknown): void {
    if (!(error instanceof BootError)) throw error
    this.#found.push(...error.problems)
  }

  get empty(): boolean {
    return this.#found.length === 0
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new BootError(this.#found)
  }
}
