/** What `candy types` writes of a route. */
export interface RouteContract {
  /** Parameters of the path. */
  readonly params: object
  /** By type: what the server takes, and how it answers. */
  readonly takes: Readonly<Record<string, {readonly body: unknown; readonly reply: unknown}>>
  /** By type: what the server sends. */
  readonly sends: Readonly<Record<string, unknown>>
}

/** Every route by its path. */
export type Routes<C> = {readonly [P in keyof C]: RouteContract}

/** Paths of a contract. */
export type Path<C> = keyof C & string

/** Types of the messages that may be sent. */
export type TakenType<R extends RouteContract> = keyof R['takes'] & string

/** `type` is said already. */
type Fields<B> = 'type' extends keyof B ? Omit<B, 'type'> : B

/** A message without fields needs none, and one without a field that must be there neither. */
export type BodyOf<R extends RouteContract, T extends TakenType<R>> = undefined extends R['takes'][T]['body']
  ? [body?: R['takes'][T]['body'] & (object | undefined)]
  : object extends R['takes'][T]['body']
    ? [body?: Fields<R['takes'][T]['body']>]
    : [body: Fields<R['takes'][T]['body']>]

export type ReplyOf<R extends RouteContract, T extends TakenType<R>> = R['takes'][T]['reply']

/** Types of the messages that may be heard. */
export type SentType<R extends RouteContract> = keyof R['sends'] & string

export type SentOf<R extends RouteContract, T extends SentType<R>> = {readonly type: T} & R['sends'][T]

/** Any message that the server sends; told apart by its `type`. */
export type AnySent<R extends RouteContract> = {[T in SentType<R>]: SentOf<R, T>}[SentType<R>]
