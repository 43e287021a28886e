import {closeCodes} from '../codes.js'
import type {Candy, ConnectionScope} from '../candy.js'
import type {Live} from '../connection/live.js'
import type {Socket} from '../connection/socket.js'
import {describeError, type Logger} from '../log.js'
import {guard} from '../guard.js'
import type {LearnedContract} from '../messages/contract.js'
import {dispatch} from '../messages/dispatch.js'
import type {MessageSettings} from '../messages/turn.js'
import type {Limits} from '../options.js'
import type {Handler} from '../routing/route.js'
import {IdentityLifetime} from '../identity/lifetime.js'

/** What a connection runs once it is accepted. */
export interface AcceptOptions extends MessageSettings {
  readonly handler: Handler<Candy>
  readonly limits: Limits
  /** How many of its messages are handled at once. */
  readonly parallel: number
  /** Learns what a functional route says of its messages. */
  readonly learned: LearnedContract
}

/**
 * The life of one connection, from the end of its handshake to the end of its scope. Never rejects; resolves when
 * nothing of the connection is left.
 */
export async function accept(
  candy: Candy,
  socket: Socket,
  options: AcceptOptions,
  log: Logger,
): Promise<void> {
  options.learned.begin()
  let ended!: (end: {code: number; reason: string}) => void
  const end = new Promise<{code: number; reason: string}>(resolve => (ended = resolve))
  const lifetime = new IdentityLifetime({
    auth: candy.Auth,
    end: () => candy.ws.close(closeCodes.unauthorized.code, closeCodes.unauthorized.reason),
    failed: error => logThrown(candy, error, 'asking for the user again threw', log),
  })
  const live = candy.ws.accept(socket, {
    limits: options.limits,
    parallel: options.parallel,
    handle: frame => dispatch(candy, frame, options),
    ended: (code, reason) => {
      candy.end()
      lifetime.stop()
      ended({code, reason})
    },
  })
  candy.Auth.watch(lifetime)
  const connected = connect(candy, live, options, log)
  const ending = await end
  await live.drain(connected)
  candy.dropTurns()
  await live.finish(ending)
  candy.ws.leaveAll()
  await connected
  for (const told of live.late) await told
  if (candy.scope) await dispose(candy, candy.scope, log)
}

/** Runs the connect handler; one that is done at once costs no promise. */
function connect(candy: Candy, live: Live, options: AcceptOptions, log: Logger): Promise<void> | undefined {
  const pending = guard(options.handler, [candy], error => {
    logThrown(candy, error, 'the connect handler threw', log)
    live.close(closeCodes.internal.code, closeCodes.internal.reason)
  })
  if (pending) return pending.then(() => live.settle())
  live.settle()
  return undefined
}

async function dispose(candy: Candy, scope: ConnectionScope, log: Logger): Promise<void> {
  try {
    await scope.dispose()
  } catch (error) {
    logThrown(candy, error, 'disposing the scope of a connection threw', log)
  }
}

/** The one error line of a fault: route template, connection id and stack; never the request's own text. */
export function logThrown(candy: Candy, error: unknown, message: string, log: Logger): void {
  log.error({route: candy.path, connection: candy.ws.id, ...describeError(error)}, message)
}
