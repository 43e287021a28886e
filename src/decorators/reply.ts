import type {Candy} from '../candy.js'
import type {Content} from '../messages/contract.js'
import {checksOutgoing, declared, type Declared} from '../messages/declared.js'
import type {MessageRun} from '../messages/dispatch.js'
import {judgesWhatGoesOut} from '../messages/dto.js'
import {holdAnswer} from '../messages/hold.js'
import {hasRules, type Whitelist} from '../messages/rules.js'
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

/** What it says of them. */
export function replyContent({reply, validate}: MessageOptions): Content {
  return reply && (validate !== false || hasRules(reply)) ? reply : 'anything'
}

/** A handler whose answers are judged; a refusal of what it was asked is no answer. */
export function replyingAs(check: Declared, run: MessageRun<Candy>): MessageRun<Candy> {
  return (receiver, turn) => holdAnswer(turn, check, run(receiver, turn))
}
