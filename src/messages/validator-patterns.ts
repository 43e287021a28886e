import {Script} from 'node:vm'
import {MATCHES} from 'class-validator'
import {defaultLimits} from '../limits.js'
import type {Class} from './rules.js'
import {typeOf} from './transformer.js'
import {metadataOf} from './validator-plan.js'

/** Milliseconds for all that is tried on one expression, which a sound one needs a few of. */
const patience = 250
const long = Number(defaultLimits.maxPayload) - 1_024

/** By source and flags: an expression is tried once, however many apps use it. */
const known = new Map<string, boolean>()

/**
 * The regular expressions of a message class, and of those within it, that a text no longer than `maxPayload` keeps busy:
 * `Say.text: /^(\w+\s?)*$/`. Found by trying, so one that is not named may be slow all the same.
 */
export function slowPatterns(cls: Class, seen = new Set<unknown>()): readonly string[] {
  if (seen.has(cls)) return []
  seen.add(cls)
  const found: string[] = []
  for (const {name, propertyName, constraints} of metadataOf(cls, undefined)) {
    if (name === MATCHES) {
      const [pattern, flags] = constraints as [RegExp | string, string?]
      const expression = new RegExp(pattern, flags)
      if (isSlow(expression)) found.push(`${cls.name}.${propertyName}: ${String(expression)}`)
    }
    const type = typeOf(cls, propertyName)
    if (typeof type?.to === 'function') found.push(...slowPatterns(type.to, seen))
  }
  return found
}

function isSlow(expression: RegExp): boolean {
  const key = String(expression)
  let slow = known.get(key)
  // Twice, lest it be the machine that is busy.
  if (slow === undefined) known.set(key, (slow = exceedsPatience(expression) && exceedsPatience(expression)))
  return slow
}

const trial = new Script('for (const text of texts) { expression.lastIndex = 0; expression.test(text) }')

function exceedsPatience(expression: RegExp): boolean {
  try {
    trial.runInNewContext({expression, texts: textsFor(expression)}, {timeout: patience})
    return false
  } catch {
    return true
  }
}

/** Texts that nearly match: one character over and over, behind what the expression begins with, and an end that fits nothing. */
function textsFor({source}: RegExp): readonly string[] {
  const literals = source.replaceAll(/\\[a-zA-Z]/g, '').match(/[^\\^$.*+?()[\]{}|]/g) ?? []
  const repeated = new Set(['a', '0', ' ', '-', '.', ...literals.slice(0, 20)])
  const beginning = /^\^?([\w @#:/-]+)/.exec(source)?.[1] ?? ''
  return [...repeated].flatMap(one =>
    [...new Set(['', beginning])].flatMap(before =>
      [32, long].map(times => `${before}${one.repeat(times)}\u0000`),
    ),
  )
}
