import type {Class} from './rules.js'
import {SerialiserCode} from './serialiser-code.js'
import {words} from './json-words.js'
import {mayGenerate} from './validator-compiler.js'
import {NotCompilable, planOf} from './validator-plan.js'

/**
 * Writes a value as JSON: to the byte what `JSON.stringify` writes, whatever the value is.
 *
 * @returns `undefined` for what has no JSON form, and for what it leaves to `JSON.stringify`
 * @throws what a getter of the value throws, and what `JSON.stringify` throws of something in it
 */
export type Serialise = (value: unknown) => string | undefined

const made = new WeakMap<Class, {readonly serialise: Serialise | undefined}>()

/**
 * What writes the values that a class declares faster than `JSON.stringify`, which does not know what comes; made once.
 *
 * @returns `undefined` where nothing does: code must not be generated, or the class says too little
 */
export function serialiserOf(cls: Class): Serialise | undefined {
  let entry = made.get(cls)
  if (!entry) made.set(cls, (entry = {serialise: compiled(cls)}))
  return entry.serialise
}

function compiled(cls: Class): Serialise | undefined {
  if (!mayGenerate()) return undefined
  try {
    const code = new SerialiserCode()
    const root = code.objectOf(planOf(cls, {whitelist: 'refuse'}, new Map()))
    // oxlint-disable-next-line typescript/no-implied-eval -- names are quoted, and no text of a client is in it
    const make = new Function('words', 'bound', code.source(root)) as (
      given: typeof words,
      bound: readonly unknown[],
    ) => Serialise
    return make(words, code.bound)
  } catch (error) {
    if (!(error instanceof NotCompilable)) throw error
    return undefined
  }
}
