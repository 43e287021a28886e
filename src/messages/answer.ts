import {errorCodes, isErrorCode, type ErrorCode} from '../codes.js'
import {CandyError} from '../errors.js'
import {violated} from '../connection/violations.js'
import {guard} from '../guard.js'
import {fitting, encode, textFrame, type Frame} from '../rooms/frame.js'
import {errorTo, replyText} from './envelope.js'
import type {Refusal} from './refusal.js'
import type {Turn, TurnContext} from './turn.js'

/**
 * What the handler returned answers the message's `ref`.
 *
 * @throws TypeError for what has no JSON form; RangeError for what is longer than `limits.maxBuffered`
 */
export function reply<C extends TurnContext>(turn: Turn<C>, result: unknown): void {
  const {ref} = turn.envelope
  if (ref !== undefined)
    answer(turn, fitting(textFrame(replyText(ref, result, turn.serialise)), turn.candy.ws.maxBuffered))
}

/** A message that its class refuses: the client's doing, so nobody else is told. */
export function refuse<C extends TurnContext>(turn: Turn<C>, {details, exceeded}: Refusal): void {
  const short = details.map(({path, rule, message}) => ({path: cut(path), rule, message: cut(message)}))
  if (exceeded) turn.candy.ws.live!.exceeded(exceeded)
  refuseAs(turn, 'VALIDATION', short)
}

/** Refuses a message for what it is. Whoever sends too many such messages has had the last answer. */
export function refuseAs<C extends TurnContext>(
  turn: Turn<C>,
  code: 'BAD_JSON' | 'UNKNOWN_TYPE' | 'VALIDATION',
  details?: unknown,
): void {
  sendError(turn, code, details)
  violated(turn.candy.ws.live!)
}

/** Both hold names that the client made, which may be as long as its message. */
const cut = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…` : text)

/** A `CandyError` is meant for the client; of anything else nothing leaves the server. */
export function failed<C extends TurnContext>(turn: Turn<C>, error: unknown): unknown {
  if (turn.isEcho(error)) return undefined
  if (error instanceof CandyError) return turn.over ? undefined : sendOwn(turn, error)
  if (turn.stage !== 'listeners' && !turn.over) sendError(turn, 'INTERNAL')
  return turn.candy.ws.listeners.report(error, 'message')
}

function sendOwn<C extends TurnContext>(turn: Turn<C>, error: CandyError): Promise<void> | undefined {
  // What guards say is such an error too. Codes of the author's own are as many as he likes, and no labels.
  if (isErrorCode(error.code)) turn.settings.traffic.rejected.add(error.code)
  return guard(
    () =>
      answer(
        turn,
        fitting(
          encode(errorTo(turn.envelope.ref, error.code, error.message, error.details)),
          turn.candy.ws.maxBuffered,
        ),
      ),
    [],
    // Details that have no JSON form, or are too long, are the author's mistake, not the client's loss.
    unsendable => {
      answer(turn, encode(errorTo(turn.envelope.ref, String(error.code), String(error.message))))
      return turn.candy.ws.listeners.report(unsendable, 'message')
    },
  )
}

/** The time is over: the client is told, the signal aborted, the fault reported, and nobody waits for it any longer. */
export function timedOut<C extends TurnContext>(turn: Turn<C>): void {
  const error = new Error(`${nameOf(turn)} took longer than ${turn.settings.limits.handlerTimeout} ms`)
  error.name = 'TimeoutError'
  turn.candy.ws.live!.exceeded('handlerTimeout')
  turn.abort(error)
  if (turn.stage !== 'listeners' && !turn.answered) sendError(turn, 'TIMEOUT')
  void turn.candy.ws.listeners.report(error, 'message')
}

/** Only a type that a handler takes is named: any other is the client's own text. */
function nameOf<C extends TurnContext>({stage, envelope: {type, form}}: Turn<C>): string {
  if (stage === 'typed') return `the handler of '${type}'`
  if (stage === 'rest') return `the handler of ${form === 'binary' ? 'bytes' : 'all other messages'}`
  return "a listener of 'message'"
}

const texts: Record<ErrorCode, string> = {
  BAD_JSON: 'The message is not JSON',
  UNKNOWN_TYPE: 'No handler takes this message',
  VALIDATION: 'The message is not valid',
  UNAUTHORIZED: 'Unauthorized',
  FORBIDDEN: 'Forbidden',
  RATE_LIMIT: 'Too many messages',
  TIMEOUT: 'The message took too long',
  ROOM: errorCodes.ROOM,
  INTERNAL: 'Internal error',
}

function sendError<C extends TurnContext>(turn: Turn<C>, code: ErrorCode, details?: unknown): void {
  turn.settings.traffic.rejected.add(code)
  const {ref} = turn.envelope
  const whole = encode(errorTo(ref, code, texts[code], details))
  // The names in them are the client's: too long for what may wait, they would end its connection as one that reads too slowly.
  const isLong = details !== undefined && whole.size > turn.candy.ws.maxBuffered
  answer(turn, isLong ? encode(errorTo(ref, code, texts[code])) : whole)
}

/** Past what `@Emits` declares: that is about the author's own messages. */
function answer<C extends TurnContext>(turn: Turn<C>, frame: Frame): void {
  turn.candy.ws.deliver(frame)
  turn.answered = true
}
