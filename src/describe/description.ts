import type {RouteKind} from '../routing/route.js'

/** A JSON Schema (draft 7, as AsyncAPI 3 has it), as far as class-validator's rules can be said in it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly not?: JsonSchema
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
}

/** What a message is, or an answer. */
export type Shape =
  /** It has no fields besides its type; what else comes is not looked at. */
  | {readonly is: 'empty'}
  /** Nothing is declared of it. */
  | {readonly is: 'anything'}
  /** A class judges it: the name of its schema. */
  | {readonly is: 'class'; readonly schema: string}

/** A message that a route takes. */
export interface TakenMessage {
  /** `typed`: by its `type`; `text`: what no typed handler takes; `binary`: bytes. */
  readonly form: 'typed' | 'text' | 'binary'
  /** Of a typed one; else `null`. */
  readonly type: string | null
  readonly body: Shape
  /** What answers its `ref`; `null` for one that is not answered. */
  readonly reply: Shape | null
  /** Guards of this message, besides those of the route. */
  readonly auth: boolean
  readonly use: readonly string[]
}

/** A message that a route sends. */
export interface SentMessage {
  readonly type: string
  readonly body: Shape
}

/** A row of the route table, as `candy routes --json` prints it, and what is said over it. */
export interface DescribedRoute {
  readonly kind: RouteKind
  readonly path: string
  readonly params: readonly string[]
  readonly token: boolean
  readonly auth: boolean
  readonly use: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly handler: string
  /** `file:line`, relative to the app folder. */
  readonly source: string
  /**
   * What it takes and sends. `null` where that is not known: a functional route says it with `on(type, Dto, fn)` when a
   * client connects; from the first on, it is known.
   */
  readonly messages: {readonly takes: readonly TakenMessage[]; readonly sends: readonly SentMessage[]} | null
}

/** An app as data: what its page shows, and what `candy asyncapi` and `candy types` write. */
export interface Description {
  /** Name and version in the nearest package.json. */
  readonly title: string
  readonly version: string
  /** By path and kind. */
  readonly routes: readonly DescribedRoute[]
  /** By name; a schema refers to another as `#/components/schemas/Name`. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

/** What `/_candy/app.json` answers: the app, and what its page needs besides. */
export interface PageData extends Description {
  /** Nothing can be tried: production. */
  readonly readOnly: boolean
  /** Who is logged in in this browser; `null` for nobody. */
  readonly user: {readonly id: string; readonly name?: string} | null
  /** What a close code means. */
  readonly closeCodes: readonly {
    readonly code: number
    readonly reason: string
    readonly policy: 'final' | 'retry'
    readonly when: string
  }[]
  /** What an error frame's code means. */
  readonly errorCodes: Readonly<Record<string, string>>
  /** Under `candy dev`, why the last change is not served, as printed in the terminal; else `null`. */
  readonly fault: string | null
}
