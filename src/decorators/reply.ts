import type {Candy} from '../candy.js'
import type {Content} from '../messages/contract.js'
import {checksOutgoing, declared} from '../messages/declared.js'
import {judgesWhatGoesOut} from '../messages/dto.js'
import {holdAnswer} from '../messages/hold.js'
import {hasRules, type Whitelist} from '../messages/rules.js'
import {serialiserOf} from '../messages/serialiser.js'
import type {MessageRun} from '../messages/turn.js'
import type {MessageOptions} from './notes.js'

/**
 * A handler whose answers are of a declared class: judged by it, outside production, and written by what knows it.
 *
 * @param method its name
 * @throws BootError `NO_RULES`
 */
export function replying(
  run: MessageRun<Candy>,
  method: string,
  {reply, validate}: MessageOptions,
  whitelist: Whitelist,
  place: string,
): MessageRun<Candy> {
  if (!reply || !judgesWhatGoesOut(reply, validate, {what: `the reply of ${method}`, place})) return run
  const serialise = serialiserOf(reply)
  if (!checksOutgoing())
    return (receiver, turn) => {
      turn.serialise = serialise
      return run(receiver, turn)
    }
  const check = declared(reply, whitelist, `what ${method} answers`)
  return (receiver, turn) => {
    turn.serialise = serialise
    return holdAnswer(turn, check, run(receiver, turn))
  }
}

/** What it says of them. */
export function replyContent({reply, validate}: MessageOptions): Content {
  return reply && (validate !== false || hasRules(reply)) ? reply : 'anything'
}
