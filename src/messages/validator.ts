import {defaultLimits} from '../limits.js'
import {Refusal, type ShapeLimits} from './refusal.js'
import type {BodyRules, Class} from './rules.js'
import {anyShape, isPlainObject, noObject, shapeFault} from './shape.js'
import {exposedNames} from './transformer.js'
import {envelope} from './validator-code.js'
import {compileCheck, mayGenerate, type Compiled} from './validator-compiler.js'
import {Interpreter, type Envelope} from './validator-interpreter.js'
import {libraryCheck, type LibraryCheck} from './validator-libraries.js'
import {Asynchronous, metadataOf, NotCompilable, planOf} from './validator-plan.js'

/** Judges the body of a message. */
export interface BodyCheck {
  /**
   * @param traced whether `traceparent` belongs to the envelope, as `candy.v1` says
   * @param limits how deep and how wide it may be
   * @returns the body, a `Refusal`, or a promise of one of them
   * @throws what a rule of the author's own throws
   */
  judge(message: unknown, traced: boolean, limits: ShapeLimits): unknown
  /**
   * The same at once, without rules registered as asynchronous, and however large: for what the server itself sends.
   *
   * @throws Error for a rule that turns out to be asynchronous
   */
  judgeNow(message: unknown): unknown
  /** Why the class is left to class-validator itself, which takes a hundred times as long. */
  readonly notCompiled?: string | undefined
}

const takenBack = new Refusal([{path: '', rule: 'inconsistent', message: 'the message is not valid'}])

const made = new WeakMap<Class, Map<string, ClassCheck>>()

/** The check of a class; made once for each set of rules. */
export function bodyCheck(cls: Class, rules: BodyRules): ClassCheck {
  const key = JSON.stringify([rules.whitelist, rules.groups ?? null])
  let checks = made.get(cls)
  if (!checks) made.set(cls, (checks = new Map()))
  let check = checks.get(key)
  if (!check) checks.set(key, (check = new ClassCheck(cls, rules)))
  return check
}

/** Judges the messages of one class; the body is an instance of it. */
class ClassCheck implements BodyCheck {
  readonly #library: LibraryCheck
  readonly #envelope: Envelope
  readonly #tracedEnvelope: Envelope
  #compiled: Compiled | undefined
  #interpreter: Interpreter | undefined
  #gaveUp: NotCompilable | undefined

  constructor(cls: Class, rules: BodyRules) {
    const declared = new Set([
      ...metadataOf(cls, rules.groups).map(one => one.propertyName),
      ...exposedNames(cls),
    ])
    const outside = envelope.filter(name => !declared.has(name))
    this.#envelope = new Set(outside.filter(name => name !== 'traceparent'))
    this.#tracedEnvelope = new Set(outside)
    this.#library = libraryCheck(cls, rules)
    this.#compile(cls, rules)
  }

  /** Why the class is left to class-validator itself; `undefined` if it is compiled. */
  get notCompiled(): string | undefined {
    return this.#gaveUp?.message
  }

  judge(message: unknown, traced: boolean, limits: ShapeLimits = defaultLimits): unknown {
    return this.#judge(message, traced, limits, this.#library.judge)
  }

  judgeNow(message: unknown): unknown {
    return this.#judge(message, false, anyShape, fields => {
      // It would be asked again, and nobody would wait for its answer, or for its rejection.
      if (this.#gaveUp instanceof Asynchronous)
        throw new Error(
          `${this.#gaveUp.message}, and this is judged at once: registered with {async: true} it is left out`,
        )
      return this.#library.judgeNow(fields)
    })
  }

  #judge(
    message: unknown,
    traced: boolean,
    limits: ShapeLimits,
    byLibrary: (fields: object) => unknown,
  ): unknown {
    if (!isPlainObject(message)) return noObject
    try {
      const outcome =
        this.#compiled?.judge(message, traced, limits, this.#explain) ??
        (this.#interpreter &&
          (shapeFault(message, limits) ?? this.#interpreter.judge(message, this.#envelopeOf(traced))))
      if (outcome !== undefined) return outcome
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error
      this.#giveUp(error)
    }
    return shapeFault(message, limits) ?? byLibrary(this.#fieldsOf(message, traced))
  }

  #compile(cls: Class, rules: BodyRules): void {
    try {
      const plans = new Map()
      const plan = planOf(cls, rules, plans)
      if (mayGenerate()) this.#compiled = compileCheck(plan, rules)
      this.#interpreter = new Interpreter(plan, plans, rules, this.#compiled?.tests)
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error
      this.#giveUp(error)
    }
  }

  /** Shape comes first: fields that no object can pass were not looked through. */
  readonly #explain = (instance: object, message: object, limits: ShapeLimits): unknown => {
    const outcome = shapeFault(message, limits) ?? this.#interpreter!.explain(instance)
    // A fused class only suspects: null is in order where @IsOptional says so. Any other was judged exactly, and a rule
    // of the author's that says yes when it is asked again has said no.
    return outcome instanceof Refusal || this.#compiled!.fused ? outcome : takenBack
  }

  /** For good: what a rule once was, it may be again. */
  #giveUp(why: NotCompilable): void {
    this.#compiled = undefined
    this.#interpreter = undefined
    this.#gaveUp = why
  }

  #envelopeOf(traced: boolean): Envelope {
    return traced ? this.#tracedEnvelope : this.#envelope
  }

  #fieldsOf(message: object, traced: boolean): object {
    const envelope = this.#envelopeOf(traced)
    return Object.fromEntries(Object.entries(message).filter(([key]) => !envelope.has(key)))
  }
}
