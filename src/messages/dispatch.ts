import {guard, inOrder, isThenable} from '../guard.js'
import type {InboundFrame} from '../connection/inbox.js'
import type {WsClient} from '../connection/ws-client.js'
import {candyProtocol} from '../handshake/protocol.js'
import {errorCodes, type ErrorCode} from '../codes.js'
import {CandyError} from '../errors.js'
import {errorTo, readMessage, replyTo, reservedPrefix, type Message} from './envelope.js'

/** Runs one handler of a controller: guards, arguments, method. */
export type MessageRun<C> = (receiver: object, candy: C, message: unknown) => unknown

/** The messages a controller takes; made once per class. */
export interface MessageTable<C> {
  readonly typed: ReadonlyMap<string, MessageRun<C>>
  /** Text that no typed handler took. */
  readonly text: MessageRun<C> | undefined
  readonly binary: MessageRun<C> | undefined
}

/** A controller that takes this connection's messages. */
export interface MessageTaker<C> {
  readonly table: MessageTable<C>
  readonly receiver: object
}

/** What dispatch needs of the context. */
export interface MessageContext<C> {
  readonly ws: WsClient
  readonly taker: MessageTaker<C> | undefined
}

/**
 * Hands one frame to whoever is to hear it: plain listeners first, then the one handler that takes it. What they
 * throw becomes an error frame or a report, never a rejection.
 */
export function dispatch<C extends MessageContext<C>>(
  candy: C,
  frame: InboundFrame,
): Promise<void> | undefined {
  const message = readMessage(frame.data, frame.binary)
  if (isReserved(candy, message)) return undefined
  const {listeners: all, live} = candy.ws
  const listeners = all.take('message')
  live?.messagesMaybeUnheard()
  const heard = inOrder(listeners, fn =>
    live?.closedHere
      ? undefined
      : guard(fn, [message.value] as never[], error => failed(candy, message, error, false)),
  )
  const take = () => (live?.closedHere ? undefined : takeMessage(candy, message, listeners.length > 0))
  return heard ? heard.then(take) : take()
}

function isReserved<C extends MessageContext<C>>(candy: C, {type}: Message): boolean {
  return type !== undefined && type.startsWith(reservedPrefix) && candy.ws.live?.protocol === candyProtocol
}

function takeMessage<C extends MessageContext<C>>(
  candy: C,
  message: Message,
  heard: boolean,
): Promise<void> | undefined {
  const {ws, taker} = candy
  const {type, value} = message
  if (type !== undefined) {
    const run = taker?.table.typed.get(type)
    if (run) return answer(candy, message, () => run(taker!.receiver, candy, value), true)
    const typed = ws.listeners.typed(type)
    if (typed) return answer(candy, message, () => typed.fn(value as never), true)
  }
  const fallback = (message.form === 'binary' ? taker?.table.binary : undefined) ?? taker?.table.text
  if (fallback) return answer(candy, message, () => fallback(taker!.receiver, candy, value), false)

  const hasTyped = ws.listeners.hasTyped || (taker?.table.typed.size ?? 0) > 0
  if (hasTyped && !heard) sendError(candy, message, message.form === 'text' ? 'BAD_JSON' : 'UNKNOWN_TYPE')
  return undefined
}

/** Runs the handler; its result answers the message's `ref`. */
function answer<C extends MessageContext<C>>(
  candy: C,
  message: Message,
  run: () => unknown,
  replies: boolean,
): Promise<void> | undefined {
  const reply = (result: unknown) => {
    if (replies && message.ref !== undefined) candy.ws.send(replyTo(message.ref, result))
  }
  return guard(
    () => {
      const result = run()
      return isThenable(result) ? result.then(reply) : reply(result)
    },
    [],
    error => failed(candy, message, error, true),
  )
}

/** A `CandyError` is meant for the client; of anything else nothing leaves the server. */
function failed<C extends MessageContext<C>>(
  candy: C,
  message: Message,
  error: unknown,
  frames: boolean,
): unknown {
  if (error instanceof CandyError) {
    return guard(
      () => candy.ws.send(errorTo(message.ref, error.code, error.message, error.details)),
      [],
      // Details that have no JSON form are the author's mistake, not the client's loss.
      unsendable => {
        candy.ws.send(errorTo(message.ref, String(error.code), String(error.message)))
        return candy.ws.listeners.report(unsendable, 'message')
      },
    )
  }
  if (frames) sendError(candy, message, 'INTERNAL')
  return candy.ws.listeners.report(error, 'message')
}

const texts: Record<ErrorCode, string> = {
  BAD_JSON: 'The message is not JSON',
  UNKNOWN_TYPE: 'No handler takes this message',
  UNAUTHORIZED: 'Unauthorized',
  FORBIDDEN: 'Forbidden',
  RATE_LIMIT: 'Too many messages',
  ROOM: errorCodes.ROOM,
  INTERNAL: 'Internal error',
}

function sendError<C extends MessageContext<C>>(candy: C, message: Message, code: ErrorCode): void {
  candy.ws.send(errorTo(message.ref, code, texts[code]))
}
