import {isThenable} from '../guard.js'
import type {Declared} from './declared.js'
import {Refusal} from './refusal.js'
import type {Turn, TurnContext} from './turn.js'
import type {BodyCheck} from './validator.js'

// What a class says of a message, in and out: for handlers of controllers and for those of `on()`.

/**
 * Judges the body, and calls who takes it.
 *
 * @param take finds the body in the turn
 * @returns what that returns, a `Refusal`, or a promise of one of them
 */
export function holdBody<C extends TurnContext, R>(
  turn: Turn<C>,
  check: BodyCheck,
  receiver: R,
  take: (receiver: R, turn: Turn<C>) => unknown,
): unknown {
  const judged = check.judge(turn.message, turn.traced, turn.settings.limits)
  if (!isThenable(judged)) return hand(turn, judged, receiver, take)
  return judged.then(body => (turn.stale ? undefined : hand(turn, body, receiver, take)))
}

function hand<C extends TurnContext, R>(
  turn: Turn<C>,
  body: unknown,
  receiver: R,
  take: (receiver: R, turn: Turn<C>) => unknown,
): unknown {
  if (body instanceof Refusal) return body
  turn.body = body
  return take(receiver, turn)
}

/** Holds an answer to what was declared of it; a refusal of what was asked is no answer. @throws Error if it does not fit */
export function holdAnswer<C extends TurnContext>(turn: Turn<C>, check: Declared, result: unknown): unknown {
  const hold = (answer: unknown) => (answer instanceof Refusal || turn.stale ? answer : check(answer))
  return isThenable(result) ? result.then(hold) : hold(result)
}
