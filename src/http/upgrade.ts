import type {IncomingMessage} from 'node:http'
import type {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import type {Candy} from '../candy.js'
import {accept, logThrown, type AcceptParts} from '../handshake/accept.js'
import type {Wheel} from '../connection/wheel.js'
import {judge, verdictOf} from '../handshake/gate.js'
import {readOffer, type Offer} from '../handshake/protocol.js'
import {accepted, refusal, status, whyOf, type Verdict} from '../handshake/verdict.js'
import type {Logger} from '../log.js'
import {inTrace} from '../telemetry/trace.js'
import type {Journal} from '../telemetry/journal.js'
import type {Limit} from '../limits.js'
import type {UpgradeHandler} from './attach.js'
import type {RoutedRequest, Router} from './router.js'
import type {Connections} from './connections.js'
import type {FramedSocket} from './framed-socket.js'
import {answerPlainly, isPipelined, wantsWebSocket} from './plain.js'
import {malformedUpgrade, refuseUpgrade} from './refuse.js'
import {sizeFor, SocketServers} from './socket-servers.js'

export interface UpgradeOptions {
  readonly log: Logger
  readonly journal: Journal
  readonly wheel: Wheel
  readonly perMessageDeflate: boolean
  readonly router: Router
  /** Connections, and what of them is still being cleaned up. */
  readonly connections: Connections
  /** How long others on the same server may take to answer what is not ours. */
  readonly upgradeTimeout: Limit
}

/** The one place that handles `upgrade`: from a raw socket to an open connection, or to a refusal. */
export class Upgrades implements UpgradeHandler {
  readonly #options: UpgradeOptions
  readonly #servers: SocketServers
  readonly #sockets = new Set<Duplex>()
  readonly #judging = new Set<() => void>()
  readonly #letGo: (this: Duplex) => void
  /** What its connections share. */
  readonly parts: AcceptParts
  #closing = false
  #onEmpty: (() => void) | undefined

  constructor(options: UpgradeOptions) {
    this.#options = options
    this.#servers = new SocketServers(options.perMessageDeflate)
    const {log, journal, wheel, connections} = options
    this.parts = {log, journal, wheel, over: connections.remove}
    const sockets = this.#sockets
    const emptied = () => this.#onEmpty?.()
    // One for all sockets, each its `this`: a function of its own would be a tenth of what Candy adds to each.
    this.#letGo = function letGo() {
      sockets.delete(this)
      if (sockets.size === 0) emptied()
    }
  }

  get connections(): Connections {
    return this.#options.connections
  }

  /** Raw sockets still open, refused ones included. */
  get socketCount(): number {
    return this.#sockets.size
  }

  /** Whether the app is closing, and refuses every handshake. */
  get isClosing(): boolean {
    return this.#closing
  }

  /** Handshakes that wait for auth or middleware. */
  get pendingCount(): number {
    return this.#judging.size
  }

  get upgradeTimeout(): Limit {
    return this.#options.upgradeTimeout
  }

  isMine(request: IncomingMessage): boolean {
    return wantsWebSocket(request) && this.#options.router.has(request.url, 'upgrade')
  }

  /**
   * Takes an upgrade request: from here on the socket is ours to answer and to end.
   *
   * @param server answers what offers to become something else than a WebSocket; not needed for what `isMine()`
   */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, server?: Server): void {
    this.#hold(socket)
    if (isPipelined(socket, request)) return void socket.destroy()
    if (server && !wantsWebSocket(request)) return answerPlainly(server, request, socket)
    if (this.#closing) return this.#refuse(socket, 503, 'closing')
    const malformed = malformedUpgrade(request)
    if (malformed) return this.#refuse(socket, malformed, 'malformed')
    const offer = readOffer(request.headers['sec-websocket-protocol'])
    if (!offer) return this.#refuse(socket, 400, 'malformed')
    const routed = this.#options.router.find(request, 'upgrade')
    if (typeof routed === 'number') return this.#refuse(socket, routed, routed === 404 ? 'path' : 'malformed')

    const {onJudged} = this.#options.journal
    const begun = onJudged && performance.now()
    const judged = this.#judge(routed, offer, socket)
    if (judged instanceof Promise)
      void judged.then(verdict => {
        if (begun !== undefined) onJudged!((performance.now() - begun) / 1_000)
        this.#conclude(routed, verdict, offer, request, socket, head)
      })
    else {
      if (begun !== undefined) onJudged!((performance.now() - begun) / 1_000)
      this.#conclude(routed, judged, offer, request, socket, head)
    }
  }

  #refuse(socket: Duplex, code: number, why: string): void {
    this.#options.journal.refused(code, why)
    refuseUpgrade(socket, code)
  }

  #hold(socket: Duplex): void {
    // Before anything else: without a listener, a reset during an `await` would end the process.
    socket.on('error', ignore)
    this.#sockets.add(socket)
    socket.on('close', this.#letGo)
  }

  #conclude(
    routed: RoutedRequest,
    judged: Verdict | 'gone',
    offer: Offer,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    const {candy, endpoint} = routed
    const verdict = this.#finalVerdict(candy, judged)
    if (verdict === 'gone' || verdict.kind !== 'accept') candy.end()
    if (verdict === 'gone') return void socket.destroy()
    const asStatus = verdict.kind === 'status' || (verdict.kind === 'close' && endpoint.refuse === 'http')
    if (verdict.kind !== 'accept') this.#logRefused(candy, verdict, asStatus)
    if (asStatus) return refuseUpgrade(socket, verdict.status)

    // `ws` sees the selected protocol only, so that it can never send the token back.
    if (request.headers['sec-websocket-protocol'] !== offer.selected)
      request.headers['sec-websocket-protocol'] = offer.selected
    let completed = false
    this.#servers.for(endpoint.limits).handleUpgrade(request, socket, head, ws => {
      completed = true
      // From here on `ws` listens.
      socket.off('error', ignore)
      if (verdict.kind === 'close') tellAndClose(ws, verdict.code, verdict.reason)
      else this.#live(routed, ws)
    })
    if (!completed) candy.end()
  }

  /** Browsers do not tell a page the status of a refused handshake, so the reason is in the log. */
  #logRefused({path, Request}: Candy, verdict: Exclude<Verdict, {kind: 'accept'}>, asStatus: boolean): void {
    const {host} = Request
    const code = verdict.kind === 'close' && !asStatus ? verdict.code : verdict.status
    this.#options.journal.refused(code, whyOf(verdict))
    const line = {route: path, ...verdict, origin: Request.header('origin'), host}
    this.#options.log.debug(line, 'handshake refused')
  }

  /** Checks again just before accepting: things may have changed since the gate answered. */
  #finalVerdict(candy: Candy, judged: Verdict | 'gone'): Verdict | 'gone' {
    if (judged !== accepted) return judged
    if (this.#closing) return status(503)
    const said = verdictOf(candy, undefined)
    if (said) return said
    // Another tab may have logged out while a middleware was running here.
    return candy.Auth.isRevoked ? refusal('unauthorized') : judged
  }

  #judge(routed: RoutedRequest, offer: Offer, socket: Duplex): Verdict | Promise<Verdict | 'gone'> {
    try {
      const {candy, endpoint} = routed
      const judged = inTrace(candy.trace, () => judge(candy, endpoint.guards, offer))
      if (judged instanceof Promise) return this.#inTime(judged, routed, socket)
      return routed.endpoint.guards.middleware.length > 0 ? afterwards(judged) : judged
    } catch (error) {
      return this.#threw(routed.candy, error)
    }
  }

  #threw(candy: Candy, error: unknown): Verdict {
    logThrown(candy, error, 'the handshake threw', this.#options.log)
    return refusal('internal')
  }

  /** Waits for the gate: its verdict, or 503 if it takes too long or the app closes, or `gone` if the client has left. */
  #inTime(
    judged: Promise<Verdict>,
    {candy, endpoint}: RoutedRequest,
    socket: Duplex,
  ): Promise<Verdict | 'gone'> {
    const {upgradeTimeout} = endpoint.limits
    return new Promise(resolve => {
      const settle = (verdict: Verdict | 'gone') => {
        clearTimeout(timer)
        socket.off('close', gone)
        this.#judging.delete(unavailable)
        resolve(verdict)
      }
      const gone = () => settle('gone')
      const unavailable = () => settle(status(503))
      const timer = upgradeTimeout === 'off' ? undefined : setTimeout(unavailable, upgradeTimeout)
      socket.once('close', gone)
      this.#judging.add(unavailable)
      judged.then(
        verdict => settle(socket.destroyed ? 'gone' : verdict),
        (error: unknown) => {
          // Once the client is gone, an error is usually its consequence: no fault of the app.
          settle(candy.ended ? refusal('internal') : this.#threw(candy, error))
        },
      )
    })
  }

  #live({candy, endpoint, since}: RoutedRequest, ws: FramedSocket): void {
    ws.opened(sizeFor(endpoint.limits.maxPayload))
    candy.Request.keep()
    this.connections.add(candy)
    accept(candy, ws, endpoint, this.parts, Math.round(performance.now() - since))
  }

  /** From now on every handshake is answered with 503, those under way too. */
  refuseAll(): void {
    this.#closing = true
    for (const unavailable of this.#judging) unavailable()
  }

  /** Resolves once no raw socket is left. */
  gone(): Promise<void> {
    return new Promise(resolve => {
      this.#onEmpty = resolve
      if (this.#sockets.size === 0) resolve()
    })
  }

  /** Cuts every socket that is still open, without a close frame. */
  cut(): void {
    for (const candy of this.connections.keys()) candy.ws.live?.terminate()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Refuses with a close code. Nothing listens for messages, and `ws` ends the socket within its close timeout. */
function tellAndClose(ws: FramedSocket, code: number, reason: string): void {
  ws.on('error', ignore)
  ws.close(code, reason)
}

/** What a middleware has begun and not awaited may still say `close()`, in these microtasks. */
function afterwards(verdict: Verdict): Promise<Verdict> {
  return Promise.resolve(verdict).then(same).then(same)
}

function same<T>(value: T): T {
  return value
}

function ignore(): void {
  // `close` follows, and is what counts.
}
