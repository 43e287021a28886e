import {performance} from 'node:perf_hooks'
import type {InboundFrame} from '../connection/inbox.js'
import type {TypedListener} from '../connection/listeners.js'
import {guard, guardFor, inOrder, isThenable} from '../guard.js'
import {candyProtocol} from '../handshake/protocol.js'
import {inTrace, isTracing, traceFrom, type Trace} from '../telemetry/trace.js'
import {failed, refuse, refuseAs, reply, timedOut} from './answer.js'
import {checkOf, envelopeFault} from './body.js'
import {declared} from './declared.js'
import {readMessage, reservedPrefix, type Message} from './envelope.js'
import {holdAnswer, holdBody} from './hold.js'
import {Refusal} from './refusal.js'
import {isPlainObject, shapeFault} from './shape.js'
import {serialiserOf} from './serialiser.js'
import {Turn, type MessageRun, type MessageSettings, type Stage, type TurnContext} from './turn.js'

/** The messages a controller takes; made once per class. */
export interface MessageTable<C extends TurnContext> {
  readonly typed: ReadonlyMap<string, MessageRun<C>>
  /** Text that no typed handler took. */
  readonly text: MessageRun<C> | undefined
  readonly binary: MessageRun<C> | undefined
}

/** A controller that takes this connection's messages. */
export interface MessageTaker<C extends TurnContext> {
  readonly table: MessageTable<C>
  readonly receiver: object
}

/** What dispatch needs of the context. */
export interface MessageContext<C extends TurnContext> extends TurnContext {
  readonly taker: MessageTaker<C> | undefined
  /** What the connection is part of. */
  readonly trace: Trace | undefined
}

/**
 * Hands one frame to whoever is to hear it: plain listeners first, then the one handler that takes it. What they
 * throw becomes an error frame or a report, never a rejection; who is done at once costs no promise and no timer.
 */
export function dispatch<C extends MessageContext<C>>(
  candy: C,
  frame: InboundFrame,
  settings: MessageSettings,
): Promise<void> | undefined {
  const message = readMessage(frame.data, frame.binary)
  if (isReserved(candy, message)) return undefined
  const turn = new Turn(candy, message, settings)
  const {onHandled} = settings.traffic
  const trace = isTracing() ? traceOf(turn) : undefined
  if (!onHandled && !trace) return hear(turn)
  const heard = () => inTrace(trace, () => hear(turn))
  return onHandled ? timed(heard, onHandled) : heard()
}

function isReserved<C extends MessageContext<C>>(candy: C, {type}: Message): boolean {
  return type !== undefined && type.startsWith(reservedPrefix) && candy.ws.live?.protocol === candyProtocol
}

/** A message's own trace wins over its connection's. */
function traceOf<C extends MessageContext<C>>({candy, message, traced}: Turn<C>): Trace | undefined {
  const own =
    traced && isPlainObject(message) && message.traceparent !== undefined
      ? traceFrom(message.traceparent)
      : undefined
  return own ?? candy.trace
}

/** Says how long it took, until nobody waits for it any longer. */
function timed(
  run: () => Promise<void> | undefined,
  onHandled: (seconds: number) => void,
): Promise<void> | undefined {
  const began = performance.now()
  const done = () => onHandled((performance.now() - began) / 1_000)
  const pending = run()
  if (pending) return pending.then(done)
  done()
  return undefined
}

function hear<C extends MessageContext<C>>(turn: Turn<C>): Promise<void> | undefined {
  const {listeners, live} = turn.candy.ws
  const plain = listeners.take('message')
  live?.messagesMaybeUnheard()
  if (plain.length === 0) return take(turn, false)
  const heard = inOrder(plain, fn =>
    turn.stale ? undefined : guard(fn, [turn.message] as never[], error => failed(turn, error)),
  )
  if (heard) return turn.inTime(heard, timedOut).then(() => (turn.stale ? undefined : take(turn, true)))
  return turn.stale ? undefined : take(turn, true)
}

function take<C extends MessageContext<C>>(turn: Turn<C>, heard: boolean): Promise<void> | undefined {
  const {ws, taker} = turn.candy
  const {type, form} = turn.envelope
  if (type !== undefined) {
    const run = taker?.table.typed.get(type)
    if (run) return handle(turn, 'typed', run, taker!.receiver)
    const listener = ws.listeners.typed(type)
    if (listener) return handle(turn, 'typed', runListener, listener)
  }
  const rest = (form === 'binary' ? taker?.table.binary : undefined) ?? taker?.table.text
  if (rest) return handle(turn, 'rest', rest, taker!.receiver)
  const hasTyped = ws.listeners.hasTyped || (taker?.table.typed.size ?? 0) > 0
  if (hasTyped && !heard) refuseUnknown(turn)
  return undefined
}

/** Nobody takes it, where only typed messages are taken: why not. */
function refuseUnknown<C extends MessageContext<C>>(turn: Turn<C>): void {
  const {form, value} = turn.envelope
  if (form === 'text') return refuseAs(turn, 'BAD_JSON')
  const fault =
    form === 'json' ? (shapeFault(value, turn.settings.limits) ?? envelopeFault(turn.envelope)) : undefined
  if (fault) return refuse(turn, fault)
  refuseAs(turn, 'UNKNOWN_TYPE')
}

/** Runs the handler, and answers. */
function handle<C extends MessageContext<C>>(
  turn: Turn<C>,
  stage: Stage,
  run: MessageRun<C>,
  receiver: object,
): Promise<void> | undefined {
  turn.stage = stage
  turn.run = run
  turn.receiver = receiver
  const work = guardFor<Turn<C>>(turn, runIt, failed)
  if (work) return turn.inTime(work, timedOut)
  turn.end()
  return undefined
}

function runIt<C extends MessageContext<C>>(turn: Turn<C>): unknown {
  const result = turn.run!(turn.receiver!, turn)
  if (!isThenable(result)) return conclude(turn, result)
  return Promise.resolve(result).then(late => conclude(turn, late))
}

/** What comes when the time is over, nobody waits for. */
function conclude<C extends MessageContext<C>>(turn: Turn<C>, result: unknown): void {
  if (turn.over) return
  if (result instanceof Refusal) refuse(turn, result)
  else if (turn.stage === 'typed') reply(turn, result)
}

/** Runs what `on(type, Dto, fn)` left. Its checks are made at its first message: many connections get none. */
function runListener<C extends TurnContext>(receiver: object, turn: Turn<C>): unknown {
  const listener = receiver as TypedListener
  const {whitelist, checksReplies} = turn.settings
  const {cls, options, type} = listener
  listener.check ??= checkOf(cls, whitelist, options)
  if (listener.reply) {
    turn.serialise = serialiserOf(listener.reply)
    if (checksReplies)
      listener.checkReply ??= declared(listener.reply, whitelist, `what on('${type}') answers`)
  }
  const answer = envelopeFault(turn.envelope) ?? holdBody(turn, listener.check, listener, callListener)
  return listener.checkReply ? holdAnswer(turn, listener.checkReply, answer) : answer
}

function callListener<C extends TurnContext>({fn}: TypedListener, turn: Turn<C>): unknown {
  return fn.length < 2 ? fn(turn.body as never) : fn(turn.body as never, turn.signal)
}
