import type {Candy} from '../candy.js'
import {checksOutgoing, declared, type Declared} from '../messages/declared.js'
import type {MessageRun} from '../messages/dispatch.js'
import {judgesWhatGoesOut} from '../messages/dto.js'
import {holdAnswer} from '../messages/hold.js'
import type {Whitelist} from '../messages/rules.js'
import type {MessageOptions} from './notes.js'

/**
 * What judges the answers of a handler.
 *
 * @param method its name
 * @returns `undefined` if nothing does
 * @throws BootError `NO_RULES`
 */
export function replyCheck(
  method: string,
  {reply, validate}: MessageOptions,
  whitelist: Whitelist,
  place: string,
): Declared | undefined {
  if (!reply) return undefined
  const judges = judgesWhatGoesOut(reply, validate, {what: `the reply of ${method}`, place})
  return judges && checksOutgoing() ? declared(reply, whitelist, `what ${method} answers`) : undefined
}

/** A handler whose answers are judged; a refusal of what it was asked is no answer. */
export function replyingAs(check: Declared, run: MessageRun<Candy>): MessageRun<Candy> {
  return (receiver, turn) => holdAnswer(turn, check, run(receiver, turn))
}
