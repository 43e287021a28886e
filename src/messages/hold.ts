import {isThenable} from '../guard.js'
import type {Declared} from './declared.js'
import {Refusal} from './refusal.js'
import type {Turn, TurnContext} from './turn.js'
import type {BodyCheck} from './validator.js'

// What a class says of a message, in and out: for handlers of controllers and for those of `on()`.

/**
 * Judges the body, and hands it to whoever takes it.
 *
 * @returns what that returns, a `Refusal`, or a promise of one of them
 */
export function holdBody<C extends TurnContext>(
  turn: Turn<C>,
  check: BodyCheck,
  take: (body: unknown) => unknown,
): unknown {
  const judged = check.judge(turn.message, turn.traced)
  const hand = (body: unknown) => (body instanceof Refusal ? body : take(body))
  return isThenable(judged) ? judged.then(body => (turn.stale ? undefined : hand(body))) : hand(judged)
}

/** Holds an answer to what was declared of it; a refusal of what was asked is no answer. @throws Error if it does not fit */
export function holdAnswer<C extends TurnContext>(turn: Turn<C>, check: Declared, result: unknown): unknown {
  const hold = (answer: unknown) => (answer instanceof Refusal || turn.stale ? answer : check(answer))
  return isThenable(result) ? result.then(hold) : hold(result)
}
