import type {Candy} from '../candy.js'
import {CandyError} from '../errors.js'
import {inOrder, isThenable} from '../guard.js'
import {envelopeFault} from '../messages/body.js'
import {holdBody} from '../messages/hold.js'
import type {MessageRun, Turn} from '../messages/turn.js'
import type {BodyCheck} from '../messages/validator.js'
import type {Middleware} from '../routing/route.js'
import type {Call, HandlerArguments} from './arguments.js'

/** Runs a handler of something else than a message. */
export type EventRun = (receiver: object, call: Call) => unknown

type Receiver = Record<string | symbol, (...args: readonly unknown[]) => unknown>

export function runEvent(name: string | symbol, args: HandlerArguments): EventRun {
  return args.async
    ? async (receiver, call) => {
        const values = await valuesOf(args, call)
        return (receiver as Receiver)[name]!(...values)
      }
    : (receiver, call) => callMethod(receiver as Receiver, name, args, call)
}

export interface MessageParts {
  readonly args: HandlerArguments
  readonly auth: boolean
  readonly guards: readonly Middleware<Candy>[]
  /** Judges the body; `undefined`: it comes as it is. */
  readonly check: BodyCheck | undefined
  /** Whether the message was taken by its type, and answers its `ref`. */
  readonly typed: boolean
}

/** Guards, body, method, in this order; each waits only for what takes time. */
export function runMessage(name: string | symbol, parts: MessageParts): MessageRun<Candy> {
  const {args, auth, guards, check, typed} = parts

  const invoke = (receiver: object, turn: Turn<Candy>): unknown =>
    args.async
      ? invokeLater(receiver as Receiver, name, args, turn)
      : callMethod(receiver as Receiver, name, args, turn)
  const judge = (receiver: object, turn: Turn<Candy>): unknown => {
    const fault = typed ? envelopeFault(turn.envelope) : undefined
    if (fault) return fault
    if (!check) return invoke(receiver, turn)
    return holdBody(turn, check, receiver, invoke)
  }

  if (!auth && guards.length === 0) return judge
  return (receiver, turn) => {
    const asked = auth ? authorize(turn, guards) : passGuards(turn, guards)
    if (!asked) return turn.stale ? undefined : judge(receiver, turn)
    return asked.then(() => (turn.stale ? undefined : judge(receiver, turn)))
  }
}

/** @throws CandyError `UNAUTHORIZED`, or as `passGuards` */
async function authorize(turn: Turn<Candy>, guards: readonly Middleware<Candy>[]): Promise<void> {
  if (!(await turn.candy.Auth.check())) throw new CandyError('UNAUTHORIZED', 'Unauthorized')
  if (!turn.stale) await passGuards(turn, guards)
}

/** Nobody is asked once the message is stale. @throws CandyError `FORBIDDEN` */
function passGuards(turn: Turn<Candy>, guards: readonly Middleware<Candy>[]): Promise<void> | undefined {
  const pass = (answer: unknown) => {
    if (!turn.stale && answer !== true && answer !== undefined) throw new CandyError('FORBIDDEN', 'Forbidden')
  }
  return inOrder(guards, guard => {
    if (turn.stale) return undefined
    const answer = guard(turn.candy)
    return isThenable(answer) ? Promise.resolve(answer).then(pass) : pass(answer)
  })
}

async function invokeLater(
  receiver: Receiver,
  name: string | symbol,
  args: HandlerArguments,
  turn: Turn<Candy>,
): Promise<unknown> {
  const values = await valuesOf(args, turn)
  // The server may have decided to close while somebody was asked: then no message reaches a handler.
  return turn.stale ? undefined : receiver[name]!(...values)
}

async function valuesOf({list}: HandlerArguments, call: Call): Promise<unknown[]> {
  const values: unknown[] = []
  for (const argument of list) values.push(await argument(call))
  return values
}

/** Most handlers take one thing or two: those cost no list. */
function callMethod(
  receiver: Receiver,
  name: string | symbol,
  {list}: HandlerArguments,
  call: Call,
): unknown {
  const [first, second] = list
  if (!first) return receiver[name]!()
  if (!second) return receiver[name]!(first(call))
  if (list.length === 2) return receiver[name]!(first(call), second(call))
  return receiver[name]!(...list.map(argument => argument(call)))
}
