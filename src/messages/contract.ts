import type {Class} from './rules.js'

/** What a message is, or an answer: without fields of its own, anything at all, or what a class judges. */
export type Content = 'empty' | 'anything' | Class

/** A message that somebody takes. */
export interface Taken {
  /** By its `type`; or text, or bytes, that nobody takes by a type. */
  readonly form: 'typed' | 'text' | 'binary'
  readonly type: string | undefined
  readonly body: Content
  /** Rules of these groups judge the body. Default: all. */
  readonly groups?: readonly string[] | undefined
  /** What answers it; `undefined` for one that is not answered. */
  readonly reply: Content | undefined
  /** Guards of this message, besides those of the route. */
  readonly auth: boolean
  readonly use: readonly string[]
}

/** A message that is sent. */
export interface Sent {
  readonly type: string
  readonly body: Content
}

/** What a route takes and sends, as far as it says so. */
export interface MessageContract {
  readonly takes: readonly Taken[]
  readonly sends: readonly Sent[]
}

/**
 * What a functional route says of its messages, learned from its connections: `on(type, Dto, fn)` is called for each of
 * them, and for none before the first.
 */
export class LearnedContract {
  readonly #takes = new Map<string, Taken>()
  #connected = false

  /** A connection of the route has begun. */
  begin(): void {
    this.#connected = true
  }

  learn(taken: Pick<Taken, 'form' | 'type' | 'body' | 'groups' | 'reply'>): void {
    const key = taken.type ?? 'any text'
    if (!this.#takes.has(key)) this.#takes.set(key, {...taken, auth: false, use: []})
  }

  /** `undefined` before the first connection. */
  get contract(): MessageContract | undefined {
    return this.#connected ? {takes: [...this.#takes.values()], sends: []} : undefined
  }
}
