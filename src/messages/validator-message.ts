import type {ValidationArguments} from 'class-validator'
import {isLibrarys} from './validator-inline.js'
import type {Rule} from './validator-plan.js'

/** A message text as class-validator has it: words, or a function of what was judged. */
type Text = Rule['message']

/**
 * What a broken rule says: class-validator's words, without the value. Whoever writes a message may mean well with
 * `$value` and put a password into a frame, and from there into a log.
 */
export function messageOf(rule: Rule, object: object, name: string, value: unknown): string {
  const {constraint, message, constraints} = rule
  const args = new HiddenArguments(object, name, value, constraints)
  const said = saidBy(rule)
  return (
    say(message || undefined, args, said) ??
    say(of => constraint.defaultMessage?.(of) ?? '', args, said) ??
    `${name} is not valid`
  )
}

/** What `@ValidateNested()` says of a value that is no object. */
export function nestedMessage(message: Text, object: object, name: string, value: unknown): string {
  return (
    say(message, new HiddenArguments(object, name, value, undefined), undefined) ?? `${name} is not valid`
  )
}

/** What was said before, by the words it was made of. */
type Said = Map<string, string>

const memory = new WeakMap<Rule, Said | 'nothing'>()

/** Only where few words are possible: a function of the author's own may find new ones for each value. */
function saidBy(rule: Rule): Said | undefined {
  let said = memory.get(rule)
  if (!said) {
    const isFew = rule.message ? typeof rule.message === 'string' : isLibrarys(rule)
    memory.set(rule, (said = isFew ? new Map() : 'nothing'))
  }
  return said === 'nothing' ? undefined : said
}

/** @returns `undefined` for what is no text, or a function that does not stand a value that is hidden */
function say(text: Text, args: HiddenArguments, said: Said | undefined): string | undefined {
  if (text === undefined) return undefined
  let words: unknown
  try {
    words = typeof text === 'function' ? text(args) : text
  } catch {
    return undefined
  }
  if (typeof words !== 'string') return undefined
  let sentence = said?.get(words)
  if (sentence === undefined) {
    sentence = fillIn(words, args)
    said?.set(words, sentence)
  }
  return sentence
}

function fillIn(words: string, args: HiddenArguments): string {
  return words.replace(tokens, (token, name: string) => {
    if (name === 'value') return theValue
    if (name === 'property') return args.property
    if (name === 'target') return args.targetName
    const index = Number(name.slice('constraint'.length)) - 1
    return index in (args.constraints ?? []) ? constraintText(args.constraints[index]) : token
  })
}

const tokens = /\$(value|property|target|constraint\d+)/g

function constraintText(constraint: unknown): string {
  if (Array.isArray(constraint)) return constraint.join(', ')
  return String(typeof constraint === 'symbol' ? constraint.description : constraint)
}

const theValue = 'the value'
const hiddenValue = Object.freeze({toString: () => theValue, toJSON: () => theValue})

/** What a message is a function of, without the value and the other fields, which are values too. */
class HiddenArguments implements ValidationArguments {
  readonly property: string
  readonly constraints: unknown[]
  readonly #object: object
  readonly #value: unknown

  constructor(object: object, property: string, value: unknown, constraints: readonly unknown[] | undefined) {
    this.property = property
    this.constraints = constraints as unknown[]
    this.#object = object
    this.#value = value
  }

  get targetName(): string {
    return this.#object.constructor.name
  }

  get object(): object {
    return Object.create(this.#object.constructor.prototype as object) as object
  }

  /** As long as it is, for messages that tell too short from too long, and nothing else of it. */
  get value(): unknown {
    const value = this.#value
    if (value === null || value === undefined) return value
    if (typeof value === 'string') return '*'.repeat(value.length)
    if (Array.isArray(value)) return Array.from({length: value.length}, () => hiddenValue)
    return hiddenValue
  }
}
