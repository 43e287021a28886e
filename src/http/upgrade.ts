import type {IncomingMessage} from 'node:http'
import type {Server} from 'node:net'
import type {Duplex} from 'node:stream'
import {WebSocketServer, type WebSocket} from 'ws'
import type {Candy} from '../candy.js'
import {accept, logThrown} from '../handshake/accept.js'
import {judge, verdictOf} from '../handshake/gate.js'
import {readOffer, type Offer} from '../handshake/protocol.js'
import {accepted, refusal, status, type Verdict} from '../handshake/verdict.js'
import type {Logger} from '../log.js'
import {bound, maxInt32, type Limit, type Limits} from '../options.js'
import type {UpgradeTaker} from './attach.js'
import type {Caller, Callers} from './callers.js'
import type {Lives} from './lives.js'
import {answerPlainly, isPipelined, wantsWebSocket} from './plain.js'
import {malformedUpgrade, refuseUpgrade} from './refuse.js'

export interface UpgradeOptions {
  readonly log: Logger
  readonly perMessageDeflate: boolean
  readonly callers: Callers
  /** Connections, and what of them is still being cleaned up. */
  readonly lives: Lives
  /** How long others on the same server may take to answer what is not ours. */
  readonly patience: Limit
}

/** The one place that owns `upgrade`: from a raw socket to a live connection, or to a refusal. */
export class Upgrades implements UpgradeTaker {
  readonly #options: UpgradeOptions
  readonly #servers = new Map<string, WebSocketServer>()
  readonly #sockets = new Set<Duplex>()
  readonly #judging = new Set<() => void>()
  #closing = false
  #onEmpty: (() => void) | undefined

  constructor(options: UpgradeOptions) {
    this.#options = options
  }

  get lives(): Lives {
    return this.#options.lives
  }

  /** Raw sockets still open, refused ones included. */
  get socketCount(): number {
    return this.#sockets.size
  }

  /** Whether nobody is taken in any more. */
  get isClosing(): boolean {
    return this.#closing
  }

  get patience(): Limit {
    return this.#options.patience
  }

  isMine(request: IncomingMessage): boolean {
    return wantsWebSocket(request) && this.#options.callers.knows(request.url, 'upgrade')
  }

  /** Answers what offers to become something else than a WebSocket as the request that it also is. */
  ignore(server: Server, request: IncomingMessage, socket: Duplex): void {
    this.#hold(socket)
    answerPlainly(server, request, socket)
  }

  /** Takes an upgrade request: from here on the socket is ours to answer and to end. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#hold(socket)
    if (isPipelined(socket, request)) return void socket.destroy()
    if (this.#closing) return refuseUpgrade(socket, 503)
    const malformed = malformedUpgrade(request)
    if (malformed) return refuseUpgrade(socket, malformed)
    const offer = readOffer(request.headers['sec-websocket-protocol'])
    if (!offer) return refuseUpgrade(socket, 400)
    const caller = this.#options.callers.find(request, 'upgrade')
    if (typeof caller === 'number') return refuseUpgrade(socket, caller)

    const judged = this.#judge(caller, offer, socket)
    if (judged instanceof Promise)
      void judged.then(verdict => this.#conclude(caller, verdict, offer, request, socket, head))
    else this.#conclude(caller, judged, offer, request, socket, head)
  }

  #hold(socket: Duplex): void {
    // First of all and for ever: a reset during an await would end the process.
    socket.on('error', ignore)
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#onEmpty?.()
    })
  }

  #conclude(
    caller: Caller,
    judged: Verdict | 'gone',
    offer: Offer,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    const {candy, endpoint} = caller
    const verdict = this.#lastWord(candy, judged)
    if (verdict === 'gone' || verdict.kind !== 'accept') candy.end()
    if (verdict === 'gone') return void socket.destroy()
    const asStatus = verdict.kind === 'status' || (verdict.kind === 'close' && endpoint.refuse === 'http')
    if (verdict.kind !== 'accept') this.#logRefused(candy, verdict)
    if (asStatus) return refuseUpgrade(socket, verdict.status)

    // Only what was selected goes on to `ws`: the token is in no header it could answer with.
    if (offer.selected === undefined) delete request.headers['sec-websocket-protocol']
    else request.headers['sec-websocket-protocol'] = offer.selected
    let completed = false
    this.#serverFor(endpoint.room.limits).handleUpgrade(request, socket, head, ws => {
      completed = true
      if (verdict.kind === 'close') tellAndClose(ws, verdict.code, verdict.reason)
      else this.#live(caller, ws)
    })
    if (!completed) candy.end()
  }

  /** Browsers tell a page nothing of a status, so whoever looks for the reason looks here. */
  #logRefused({path, Request}: Candy, verdict: Verdict): void {
    const {host} = Request
    const line = {route: path, ...verdict, origin: Request.header('origin'), host}
    this.#options.log.debug(line, 'handshake refused')
  }

  /** What was said in the turn between the gate's answer and the accept still counts. */
  #lastWord(candy: Candy, judged: Verdict | 'gone'): Verdict | 'gone' {
    if (judged !== accepted) return judged
    if (this.#closing) return status(503)
    const said = verdictOf(candy, undefined)
    if (said) return said
    // Somebody logged out in another tab while a middleware was busy here.
    return candy.Auth.isRevoked ? refusal('unauthorized') : judged
  }

  #judge(caller: Caller, offer: Offer, socket: Duplex): Verdict | Promise<Verdict | 'gone'> {
    const judged = judge(caller.candy, caller.endpoint.door, offer)
    return judged instanceof Promise ? this.#inTime(judged, caller, socket) : judged
  }

  /** The gate's answer; or 503 when it takes too long or the app closes; or that the peer has gone meanwhile. */
  #inTime(judged: Promise<Verdict>, {candy, endpoint}: Caller, socket: Duplex): Promise<Verdict | 'gone'> {
    const {upgradeTimeout} = endpoint.room.limits
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
          // What fails after the end fails because of it.
          if (!candy.ended) logThrown(candy, error, 'the handshake threw', this.#options.log)
          settle(refusal('internal'))
        },
      )
    })
  }

  #live({candy, endpoint}: Caller, ws: WebSocket): void {
    const {lives, log} = this.#options
    void lives.add(candy, () => accept(candy, ws, endpoint.room, log))
  }

  /** `ws` takes its limits per server: routes with the same limits share one. */
  #serverFor(limits: Limits): WebSocketServer {
    const key = `${limits.maxPayload} ${limits.maxFragments} ${limits.closeTimeout}`
    let server = this.#servers.get(key)
    if (!server) {
      const options = {
        noServer: true,
        clientTracking: false,
        perMessageDeflate: this.#options.perMessageDeflate && {
          threshold: 1_024,
          serverNoContextTakeover: true,
        },
        maxPayload: sizeFor(limits.maxPayload),
        maxFragments: sizeFor(limits.maxFragments),
        closeTimeout: Math.min(bound(limits.closeTimeout), maxInt32),
      }
      this.#servers.set(key, (server = new WebSocketServer(options)))
    }
    return server
  }

  /** From now on every handshake, those under way too, is answered with 503. */
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

  /** Cuts every socket there still is, without a word. */
  cut(): void {
    for (const candy of this.lives.keys()) candy.ws.live?.terminate()
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** A refusal with a close code: it hears nothing, says one thing, and is gone within the close timeout. */
function tellAndClose(ws: WebSocket, code: number, reason: string): void {
  ws.on('error', ignore)
  ws.close(code, reason)
}

/** 0 is no limit to `ws`, and above 2^31 - 1 its `| 0` would turn negative. */
function sizeFor(limit: Limits['maxPayload']): number {
  return limit === 'off' ? 0 : Math.min(limit, maxInt32)
}

function ignore(): void {
  // The socket's `close` tells the rest.
}
