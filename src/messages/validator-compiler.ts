import {bound} from '../limits.js'
import type {ShapeLimits} from './refusal.js'
import type {BodyRules} from './rules.js'
import {Code, costOf, envelope} from './validator-code.js'
import {inline} from './validator-inline.js'
import type {Tests} from './validator-interpreter.js'
import type {ClassPlan} from './validator-plan.js'
import {runtime} from './validator-runtime.js'

/** A class as code. */
export interface Compiled {
  /**
   * Builds and judges a plain object at once.
   *
   * @param explain asked for the outcome if only rules are broken
   * @returns an instance; `undefined` if the shape or the names of the fields may not be sound
   */
  readonly judge: (message: object, traced: boolean, limits: ShapeLimits, explain: Explain) => unknown
  /** Whether no function of the author's was asked: asked again, they may answer anew. */
  readonly fused: boolean
  /** Rules that need no call of class-validator's, for whoever asks which of them is broken. */
  readonly tests: Tests
}

type Make = (values: readonly unknown[], asNumber: typeof bound) => Compiled

export type Explain = (instance: object, message: object, limits: ShapeLimits) => unknown

let allowed: boolean | undefined

/** Whether code may be generated here: `--disallow-code-generation-from-strings` forbids it. */
export function mayGenerate(): boolean {
  if (allowed === undefined) {
    try {
      // oxlint-disable-next-line typescript/no-implied-eval -- whether it may is the question
      allowed = (new Function('return true') as () => boolean)()
    } catch {
      allowed = false
    }
  }
  return allowed
}

/**
 * Writes one function for a class and those within it, as a person would write it by hand: field by field, no list to
 * walk. A class all of whose rules are class-validator's own is judged as it is built. An author's functions see whole
 * objects of sound shape: where there are some, everything is built first.
 */
export function compileCheck(plan: ClassPlan, {whitelist}: BodyRules): Compiled {
  const code = new Code(whitelist, isAllInline(plan))
  const root = code.functionsOf(plan)
  const body = code.buildBody(plan, 'root')
  const source = `'use strict'
const [${code.bound.map((_, index) => `b${index}`).join(', ')}] = values
let left = 0, deepest = 0, bad = false, broken = false
${runtime}
${code.text}
function root(m, traced) {
${body}
}
const judge = (m, traced, limits, explain) => {
  left = bound(limits.maxNodes) - ${costOf(plan) + envelope.length}
  deepest = bound(limits.maxDepth)
  bad = false
  broken = false
  const o = root(m, traced)
  if (bad || left < 0) return undefined
  return ${code.fused ? 'broken' : `!check${root}(o)`} ? explain(o, m, limits) : o
}
return {judge, fused: ${code.fused}, tests: new Map([${code.tests.join(', ')}])}`
  // oxlint-disable-next-line typescript/no-implied-eval -- no text of a client is in it, and names are quoted
  const compiled = new Function('values', 'bound', source) as Make
  return compiled(code.bound, bound)
}

/** Whether no function of the author's is asked, in a class and those within it. */
function isAllInline(plan: ClassPlan, seen = new Set<ClassPlan>()): boolean {
  if (seen.has(plan)) return true
  seen.add(plan)
  return plan.properties.every(
    ({conditions, rules, type}) =>
      conditions.length === 0 &&
      rules.every(rule => !rule.validateIf && inline(rule, 'v', () => '') !== undefined) &&
      (!type || 'convert' in type.to || isAllInline(type.to, seen)),
  )
}
