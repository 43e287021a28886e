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

/** What the options of a functional route say of its messages. */
export interface DeclaredContract {
  /** `undefined` where they leave it to `on()`. */
  readonly takes: readonly Taken[] | undefined
  readonly sends: readonly Sent[]
}

/**
 * What a functional route says of its messages, learned from its connections: `on(type, Dto, fn)` is called for each of
 * them, and for none before the first.
 */
export class LearnedContract {
  readonly #declared: DeclaredContract | undefined
  readonly #takes = new Map<string | undefined, Taken>()
  #contract: MessageContract | undefined

  /** @param declared what the route's options say of its messages, if they do */
  constructor(declared?: DeclaredContract) {
    this.#declared = declared
    if (declared?.takes) this.#contract = {takes: declared.takes, sends: declared.sends}
  }

  /** A connection of the route has begun. */
  begin(): void {
    this.#contract ??= {takes: [], sends: this.#declared?.sends ?? []}
  }

  /**
   * @returns what the options say of this message
   * @throws TypeError if it is not what they say
   */
  learn(taken: Omit<Taken, 'auth' | 'use'>): Taken | undefined {
    const {takes = [], sends = []} = this.#declared ?? {}
    if (this.#declared?.takes && taken.form === 'typed') return declaredAs(taken, takes)
    if (this.#takes.has(taken.type) || this.#takes.size >= maxLearned) return undefined
    this.#takes.set(taken.type, {...taken, auth: false, use: []})
    this.#contract = {takes: [...takes, ...this.#takes.values()], sends}
    return undefined
  }

  /** The same object while it says the same; `undefined` before the first connection. */
  get contract(): MessageContract | undefined {
    return this.#contract
  }
}

/** Types may be made as connections come, one for each; they are remembered for as long as the app lives. */
const maxLearned = 100

/** @throws TypeError that names what differs */
function declaredAs(taken: Omit<Taken, 'auth' | 'use'>, takes: readonly Taken[]): Taken {
  const {type, body, groups, reply} = taken
  const declared = takes.find(one => one.type === type)
  const says = (what: string) =>
    new TypeError(`on('${type}') ${what} the route's option takes: say it there too`)
  if (!declared) throw says('is not among what')
  if (declared.body !== body) throw says(`has another class, ${nameOf(body)}, than`)
  if (reply !== 'anything' && declared.reply !== reply)
    throw says(`has another reply, ${nameOf(reply!)}, than`)
  if (JSON.stringify(declared.groups) !== JSON.stringify(groups)) throw says('has other groups than')
  return declared
}

function nameOf(content: Content): string {
  return typeof content === 'string' ? content : content.name
}
