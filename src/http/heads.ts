import type {IncomingMessage, ServerOptions} from 'node:http'
import type {Duplex} from 'node:stream'
import {bound, type Limits} from '../limits.js'
import {maxInt32} from '../options.js'
import type {Journal} from '../telemetry/journal.js'
import {refuseUpgrade} from './refuse.js'

export type HeadLimits = Pick<Limits, 'headersTimeout' | 'maxHeaderSize' | 'maxHeaders'>

/** Milliseconds a whole request may take, body included: node's own. */
const longestRequest = 300_000

/** Milliseconds. Node looks at all connections so often; what takes too long is seen so much later. */
const longestLook = 5_000

/**
 * Milliseconds a connection may wait for its next request. A proxy must be the one who gives up first: it sends on a
 * connection that it takes to be open, and has nobody but its client to tell if it was not (502). Most wait 60 seconds.
 */
const keptAlive = 72_000

/** What node's server is to bound. */
export function headOptions({headersTimeout, maxHeaderSize}: HeadLimits): ServerOptions {
  const timeout = headersTimeout === 'off' ? 0 : headersTimeout
  return {
    headersTimeout: timeout,
    keepAliveTimeout: keptAlive,
    requestTimeout: Math.max(longestRequest, timeout),
    connectionsCheckingInterval: Math.min(longestLook, timeout === 0 ? longestLook : Math.ceil(timeout / 2)),
    maxHeaderSize: Math.min(bound(maxHeaderSize), maxInt32),
  }
}

/** The heads of requests, on the app's own server: their lines are counted, and those that node refuses are told. */
export class Heads {
  readonly #limits: HeadLimits
  readonly #journal: Journal

  constructor(limits: HeadLimits, journal: Journal) {
    this.#limits = limits
    this.#journal = journal
  }

  /** Node drops header lines above this, and says nothing: one more than allowed shows that there were too many. */
  get mostRead(): number {
    const {maxHeaders} = this.#limits
    return maxHeaders === 'off' ? 0 : Math.min(maxHeaders, maxInt32 - 1) + 1
  }

  isTooLong({rawHeaders}: IncomingMessage): boolean {
    if (rawHeaders.length / 2 <= bound(this.#limits.maxHeaders)) return false
    this.#journal.exceeded('maxHeaders')
    return true
  }

  /** Answers as node would: it leaves that to us, once somebody listens. */
  readonly failed = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    const status = statusOf(error.code)
    // Node gives the same code for a body that takes too long.
    if (status === 408 && !isAsked(socket)) this.#journal.exceeded('headersTimeout')
    if (status === 431) this.#journal.exceeded('maxHeaderSize')
    // An answer under way must not be taken for this one.
    if (!socket.writable || isAnswering(socket)) return void socket.destroy(error)
    socket.on('error', ignore)
    refuseUpgrade(socket, status)
  }
}

function statusOf(code: string | undefined): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 413 : 400
}

/** Whether the head of a request has been read: then there is an answer, begun or not. */
function isAsked(socket: Duplex): boolean {
  return answerOf(socket) !== undefined
}

function isAnswering(socket: Duplex): boolean {
  return answerOf(socket)?.headersSent === true
}

function answerOf(socket: Duplex): {headersSent: boolean} | undefined {
  return (socket as {_httpMessage?: {headersSent: boolean} | null})._httpMessage ?? undefined
}

function ignore(): void {
  // `close` follows, and is what counts.
}
