import type {IncomingMessage} from 'node:http'
import type {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import type {Candy} from '../candy.js'
import {closeCodes, restartReason} from '../codes.js'
import {accept, type AcceptParts} from '../handshake/accept.js'
import {RefusedEars} from '../connection/refused-ears.js'
import type {Wheel} from '../connection/wheel.js'
import {verdictOf} from '../handshake/gate.js'
import {readOffer, type Offer} from '../handshake/protocol.js'
import {accepted, refusal, status, type Refusal, type StatusRefusal, type Why} from '../handshake/verdict.js'
import type {Journal} from '../telemetry/journal.js'
import {bound, type Limit, type Limits} from '../limits.js'
import {Admission} from './admission.js'
import type {UpgradeHandler} from './attach.js'
import {Judging, type Outcome} from './judging.js'
import type {RoutedRequest, Router} from './router.js'
import type {Connections} from './connections.js'
import type {FramedSocket} from './framed-socket.js'
import {answerPlainly, isPipelined, wantsWebSocket} from './plain.js'
import {malformedUpgrade, refuseUpgrade} from './refuse.js'
import {Refusals} from './refusals.js'
import {sizeFor, SocketServers} from './socket-servers.js'

export interface UpgradeOptions {
  readonly journal: Journal
  readonly wheel: Wheel
  readonly perMessageDeflate: boolean
  readonly router: Router
  /** Connections, and what of them is still being cleaned up. */
  readonly connections: Connections
  readonly limits: Limits
  /** Whether anybody's `X-Forwarded-For` counts. */
  readonly trustsProxies: boolean
}

interface Handshake {
  readonly offer: Offer
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** The one place that handles `upgrade`: from a raw socket to an open connection, or to a refusal. */
export class Upgrades implements UpgradeHandler {
  readonly #options: UpgradeOptions
  readonly #servers: SocketServers
  readonly #sockets = new Set<Duplex>()
  readonly #judging: Judging
  readonly #admission: Admission
  readonly #refusals: Refusals
  readonly #letGo: (this: Duplex) => void
  /** What its connections share. */
  readonly parts: AcceptParts
  #closing = false
  #leaving = false
  #onEmpty: (() => void) | undefined

  constructor(options: UpgradeOptions) {
    this.#options = options
    this.#servers = new SocketServers(options.perMessageDeflate)
    const {journal, wheel, connections, limits} = options
    this.#judging = new Judging(journal)
    this.#admission = new Admission(limits)
    this.#refusals = new Refusals(journal)
    this.parts = {journal, wheel, left: connections.left, over: connections.remove}
    const [sockets, admission] = [this.#sockets, this.#admission]
    const emptied = () => this.#onEmpty?.()
    // One function for all sockets, which it gets as `this`: one per socket would be a tenth of what Candy adds to each.
    this.#letGo = function letGo() {
      sockets.delete(this)
      admission.leave(this)
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

  /** Handshakes that wait for auth or middleware. */
  get pendingCount(): number {
    return this.#judging.size
  }

  /** Whether the app is closing, and refuses every handshake. */
  get isClosing(): boolean {
    return this.#closing
  }

  /** Whether what comes now is served as the last. */
  get isEnding(): boolean {
    return this.#closing || this.#leaving
  }

  /** How long others on the same server may take to answer what is not ours. */
  get upgradeTimeout(): Limit {
    return this.#options.limits.upgradeTimeout
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
    if (!this.#hold(socket)) return
    if (isPipelined(socket, request)) return void socket.destroy()
    if (server && !wantsWebSocket(request)) return answerPlainly(server, request, socket)
    if (this.#closing) return this.#refusals.answer(socket, 503, 'closing')
    const malformed = malformedUpgrade(request)
    if (malformed) return this.#refusals.answer(socket, malformed, 'malformed')
    const protocols = request.headers['sec-websocket-protocol']
    if ((protocols?.length ?? 0) > bound(this.#options.limits.maxProtocolHeader)) return this.#tooLong(socket)
    const offer = readOffer(protocols)
    if (!offer) return this.#refusals.answer(socket, 400, 'malformed')
    const routed = this.#options.router.find(request, 'upgrade')
    if ('kind' in routed) return this.#refusals.answer(socket, routed.status, routed.why)

    const judged = this.#judging.ask(routed, offer, socket, () => this.#admit(routed.candy, socket))
    if (judged instanceof Promise)
      void judged.then(verdict => this.#conclude(routed, verdict, {offer, request, socket, head}))
    else this.#conclude(routed, judged, {offer, request, socket, head})
  }

  /** Refuses what is not to be looked into. */
  refuse(socket: Duplex, status: number, why: Why): void {
    if (this.#hold(socket)) this.#refusals.answer(socket, status, why)
  }

  /** @returns whether there is anybody left to answer: whoever hands it over may have waited for something before */
  #hold(socket: Duplex): boolean {
    // Before anything else: without a listener, a reset during an `await` would end the process.
    socket.on('error', ignore)
    if (socket.destroyed) return false
    this.#sockets.add(socket)
    socket.on('close', this.#letGo)
    return true
  }

  #conclude(routed: RoutedRequest, judged: Outcome, {offer, request, socket, head}: Handshake): void {
    const {candy, endpoint} = routed
    const verdict = this.#finalVerdict(candy, judged)
    if (verdict === 'gone' || verdict.kind !== 'accept') candy.end()
    if (verdict === 'gone') return void socket.destroy()
    const asStatus = verdict.kind === 'status' || (verdict.kind === 'close' && endpoint.refuse === 'http')
    if (verdict.kind !== 'accept') this.#refusals.tell(candy, verdict, offer)
    this.#options.journal.onJudged?.((performance.now() - routed.since) / 1_000)
    if (asStatus) return refuseUpgrade(socket, verdict.status)

    // `ws` sees the selected protocol only, so that it can never send the token back.
    if (request.headers['sec-websocket-protocol'] !== offer.selected)
      request.headers['sec-websocket-protocol'] = offer.selected
    let completed = false
    this.#servers.for(endpoint.limits).handleUpgrade(request, socket, head, ws => {
      completed = true
      // From here on `ws` listens.
      socket.off('error', ignore)
      if (verdict.kind === 'close') tellAndClose(ws, verdict, Math.round(performance.now() - routed.since))
      else this.#live(routed, ws)
    })
    if (!completed) candy.end()
  }

  #tooLong(socket: Duplex): void {
    this.#options.journal.exceeded('maxProtocolHeader')
    this.#refusals.answer(socket, 431, 'maxProtocolHeader')
  }

  /** Whether there is room for one more. */
  #admit({path, Request}: Candy, socket: Duplex): StatusRefusal | undefined {
    const limit = this.#admission.admit(socket, Request.ip, this.#judging.size)
    if (!limit) return undefined
    if (limit !== 'maxPerIp') return this.#refusals.exceeded(limit, 503, {route: path})
    const isProxied = !this.#options.trustsProxies && Request.header('x-forwarded-for') !== undefined
    const hint = 'it sends X-Forwarded-For: if it is your proxy, name it in trustProxy'
    return this.#refusals.exceeded(limit, 429, {route: path, ip: Request.ip, ...(isProxied && {hint})})
  }

  /** Checks again just before accepting: things may have changed since the gate answered. */
  #finalVerdict(candy: Candy, judged: Outcome): Outcome {
    if (judged !== accepted) return judged
    if (this.#closing) return status(503, 'closing')
    const said = verdictOf(candy, undefined)
    if (said) return said
    // Another tab may have logged out while a middleware was running here.
    if (candy.Auth.isRevoked) return refusal('unauthorized')
    const {key} = candy.Auth
    if (key === undefined || this.connections.countOf(key) < bound(this.#options.limits.maxPerUser))
      return judged
    this.#options.journal.exceeded('maxPerUser', {route: candy.path})
    return refusal('tooManyOfUser')
  }

  #live({candy, endpoint, since}: RoutedRequest, ws: FramedSocket): void {
    ws.opened(sizeFor(endpoint.limits.maxPayload))
    candy.Request.keep()
    this.connections.add(candy)
    accept(candy, ws, endpoint, this.parts, Math.round(performance.now() - since))
    if (this.#leaving) candy.ws.close(closeCodes.restart.code, restartReason(0))
  }

  /** From now on every connection is told to come back at once, to another server. */
  leave(): void {
    this.#leaving = true
  }

  /** From now on every handshake is answered with 503, those under way too. */
  refuseAll(): void {
    this.#closing = true
    this.#judging.endAll()
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

/** Refuses with a close code. No message is looked at, and `ws` ends the socket within its close timeout. */
function tellAndClose(ws: FramedSocket, {code, reason}: Refusal, waited: number): void {
  ws.ears = new RefusedEars(ws, waited)
  ws.close(code, reason)
}

function ignore(): void {
  // `close` follows, and is what counts.
}
