import assert from 'node:assert/strict'
import {inspect, isDeepStrictEqual} from 'node:util'
import {plainToInstance} from 'class-transformer'
import {validateSync, type ValidationError} from 'class-validator'
import {Refusal} from '#candy/messages/refusal.js'
import type {BodyRules} from '#candy/messages/rules.js'
import {bodyCheck} from '#candy/messages/validator.js'
import {compileCheck} from '#candy/messages/validator-compiler.js'
import {Interpreter} from '#candy/messages/validator-interpreter.js'
import {planOf, type Plans} from '#candy/messages/validator-plan.js'
import type {MessageClass} from './declare.js'

/** How many inputs were compared, unknown fields refused. */
export let compared = 0

/**
 * Judges inputs as Candy does, in each of its ways, and as class-validator does.
 *
 * @returns `undefined` if the class is left to class-validator anyway
 */
export function comparison(
  cls: MessageClass,
  groups?: readonly string[],
  whitelist: 'refuse' | 'keep' = 'refuse',
): ((input: object) => void) | undefined {
  const rules = {whitelist, groups} as const
  const check = bodyCheck(cls, rules)
  if (check.notCompiled !== undefined) return undefined
  const plans: Plans = new Map()
  const plan = planOf(cls, rules, plans)
  const {tests} = compileCheck(plan, rules)
  // The limit of five faults is lifted; with compiled tests, as the server tells faults, and without, where no code may be made.
  const withTests = new Interpreter(plan, plans, rules, tests, Number.POSITIVE_INFINITY)
  const alone = new Interpreter(plan, plans, rules, new Map(), Number.POSITIVE_INFINITY)

  return input => {
    if (whitelist === 'refuse') compared += 1
    const expected = reference(cls, input, rules)
    const outcomes = {
      candy: check.judge(structuredClone(input), false),
      interpreter: withTests.judge(structuredClone(input), new Set()),
      interpreterAlone: alone.judge(structuredClone(input), new Set()),
    }
    for (const [name, outcome] of Object.entries(outcomes)) {
      const isRefusal = outcome instanceof Refusal
      assert.equal(
        isRefusal,
        expected.faults.size > 0,
        `${name} ${isRefusal ? 'refuses' : 'accepts'}, class-validator does not: ${[...expected.faults].slice(0, 20).join(' ')}`,
      )
      if (!isRefusal) assertSame(outcome, expected.instance, name)
      else if (name === 'candy') assertSome(outcome, expected.faults)
      else assert.deepStrictEqual(faultsOf(outcome), sorted(expected.faults), name)
    }
    assert.equal(check.notCompiled, undefined)
  }
}

/** Node 20 takes no invalid date for another; printed they are the same. */
function assertSame(actual: unknown, expected: unknown, name: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  assert.equal(inspect(actual, {depth: 40, sorted: true}), inspect(expected, {depth: 40, sorted: true}), name)
}

function reference(cls: MessageClass, input: object, {groups, whitelist}: BodyRules) {
  const instance = plainToInstance(cls, structuredClone(input))
  const errors = validateSync(instance, {
    whitelist: whitelist === 'refuse',
    forbidNonWhitelisted: whitelist === 'refuse',
    ...(groups && {groups: [...groups]}),
  })
  const faults = new Set<string>()
  collect(errors, '', faults)
  return {instance, faults}
}

function collect(errors: readonly ValidationError[], path: string, into: Set<string>): void {
  for (const {property, constraints = {}, children = []} of errors) {
    const at = property === undefined ? path : path === '' ? property : `${path}.${property}`
    for (const rule of Object.keys(constraints)) into.add(`${at}|${rule}`)
    collect(children, at, into)
  }
}

function faultsOf({details}: Refusal): readonly string[] {
  return sorted(new Set(details.map(({path, rule}) => `${path}|${rule}`)))
}

function sorted(faults: ReadonlySet<string>): readonly string[] {
  return [...faults].toSorted()
}

/** The first five of them. */
function assertSome({details}: Refusal, faults: ReadonlySet<string>): void {
  assert.equal(details.length, Math.min(5, faults.size))
  for (const {path, rule} of details) assert(faults.has(`${path}|${rule}`), `${path}|${rule}`)
}
