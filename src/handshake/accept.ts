import {closeCodes} from '../codes.js'
import type {Candy} from '../candy.js'
import type {InboundFrame} from '../connection/inbox.js'
import type {Live, Owner} from '../connection/live.js'
import type {Socket} from '../connection/socket.js'
import type {Wheel} from '../connection/wheel.js'
import {describeError, type Logger} from '../log.js'
import {guard} from '../guard.js'
import type {LearnedContract} from '../messages/contract.js'
import {dispatch} from '../messages/dispatch.js'
import type {MessageSettings} from '../messages/turn.js'
import type {Limits} from '../limits.js'
import type {Handler} from '../routing/route.js'
import type {ExceededLimit} from '../telemetry/limit-events.js'
import {inTrace} from '../telemetry/trace.js'
import type {Journal} from '../telemetry/journal.js'
import type {Traffic} from '../telemetry/traffic.js'
import type {Watcher} from '../identity/auth.js'
import {IdentityLifetime} from '../identity/lifetime.js'

/** What a connection runs once it is accepted. */
export interface AcceptOptions extends MessageSettings {
  readonly handler: Handler<Candy>
  readonly limits: Limits
  /** How many of its messages are handled at once. */
  readonly parallel: number
  /** Counts what goes through. */
  readonly traffic: Traffic
  /** Learns what a functional route says of its messages. */
  readonly learned: LearnedContract
}

/** What all connections of an app share. */
export interface AcceptParts {
  readonly journal: Journal
  readonly wheel: Wheel
  /** Told when its socket has ended. */
  readonly left: (candy: Candy) => void
  /** Told when nothing of the connection is left. */
  readonly over: (candy: Candy) => void
}

/**
 * Begins the life of one connection, which its handshake has let in.
 *
 * @param waited milliseconds that the handshake took
 */
export function accept(
  candy: Candy,
  socket: Socket,
  options: AcceptOptions,
  parts: AcceptParts,
  waited = 0,
): void {
  options.learned.begin()
  new Life(candy, options, parts).begin(socket, waited)
}

/** The life of one connection, from the end of its handshake to the end of its scope. */
class Life implements Owner, Watcher {
  readonly #candy: Candy
  readonly #options: AcceptOptions
  readonly #parts: AcceptParts
  #lifetime: IdentityLifetime | undefined
  #connected: Promise<void> | undefined

  constructor(candy: Candy, options: AcceptOptions, parts: AcceptParts) {
    this.#candy = candy
    this.#options = options
    this.#parts = parts
  }

  begin(socket: Socket, waited: number): void {
    const live = this.#candy.ws.accept(socket, this, waited)
    this.#candy.ws.belongTo(this.#candy.Auth.key)
    this.#candy.Auth.watch(this)
    this.#connected = inTrace(this.#candy.trace, () =>
      connect(this.#candy, live, this.#options, this.#parts.journal.log),
    )
  }

  get limits(): Limits {
    return this.#options.limits
  }

  get parallel(): number {
    return this.#options.parallel
  }

  get wheel(): Wheel {
    return this.#parts.wheel
  }

  get traffic(): Traffic {
    return this.#options.traffic
  }

  exceeded(limit: ExceededLimit): void {
    this.#parts.journal.exceeded(limit, {route: this.#candy.path, connection: this.#candy.ws.id})
  }

  lagging(): void {
    const line = {event: 'client.lagging', route: this.#candy.path, connection: this.#candy.ws.id}
    this.#parts.journal.log.debug(line, 'a client reads slowly')
  }

  handle(frame: InboundFrame): Promise<void> | undefined {
    return dispatch(this.#candy, frame, this.#options)
  }

  ended(code: number, reason: string): void {
    this.#candy.ws.ended()
    this.#parts.left(this.#candy)
    this.#candy.end()
    this.#lifetime?.stop()
    void this.#finish({code, reason})
  }

  /** Who is on the connection is known now, or known anew. */
  renew(): void {
    if (this.#candy.ended) return
    this.#candy.ws.belongTo(this.#candy.Auth.key)
    this.#identity.renew()
  }

  end(): void {
    this.#identity.end()
  }

  get #identity(): IdentityLifetime {
    const {Auth: auth, ws} = this.#candy
    this.#lifetime ??= new IdentityLifetime({
      auth,
      end: () => ws.close(closeCodes.unauthorized.code, closeCodes.unauthorized.reason),
      disowned: () => this.exceeded('revalidateEvery'),
      failed: error =>
        logThrown(this.#candy, error, 'asking for the user again threw', this.#parts.journal.log),
    })
    return this.#lifetime
  }

  /** Never rejects. Waits only where there is something to wait for: a thousand connections may end at once. */
  async #finish(end: {code: number; reason: string}): Promise<void> {
    const candy = this.#candy
    const live = candy.ws.live!
    const drained = live.drain(this.#connected)
    if (drained) await drained
    candy.dropTurns()
    const heard = inTrace(candy.trace, () => live.finish(end))
    if (heard) await heard
    candy.ws.leaveAll()
    if (this.#connected) await this.#connected
    for (const told of live.late) await told
    const disposed = candy.scope?.dispose()
    if (disposed)
      await disposed.catch((error: unknown) =>
        logThrown(candy, error, 'disposing the scope of a connection threw', this.#parts.journal.log),
      )
    this.#parts.over(candy)
  }
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

/** The one error line of a fault: route template, connection id and stack; never the request's own text. */
export function logThrown(candy: Candy, error: unknown, message: string, log: Logger): void {
  log.error({route: candy.path, connection: candy.ws.id, ...describeError(error)}, message)
}
