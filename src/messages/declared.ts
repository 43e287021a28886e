import {Refusal} from './refusal.js'
import type {Class, Whitelist} from './rules.js'
import {bodyCheck} from './validator.js'

/** Judges what is about to be sent, and gives it back unchanged. @throws Error naming path and rule, never the value */
export type Declared = (value: unknown) => unknown

/** @param what names what is judged, for the error: `what Room.say() answers` */
export function declared(cls: Class, whitelist: Whitelist, what: string): Declared {
  // What goes out is never changed, so there is nothing to strip.
  const check = bodyCheck(cls, {whitelist: whitelist === 'strip' ? 'keep' : whitelist})
  return value => {
    const judged = check.judgeNow(asSent(value))
    if (!(judged instanceof Refusal)) return value
    const faults = judged.details.map(({path, rule}) => `${path || 'the whole'} (${rule})`)
    throw new Error(`${what} is no ${cls.name}: ${faults.join(', ')}`)
  }
}

/** As the client will read it. */
function asSent(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : JSON.parse(text)
}

/** Whether what goes out is held to what was declared: it costs what a second reading of each message costs. */
export function checksOutgoing(): boolean {
  return process.env.NODE_ENV !== 'production'
}
