import {WebSocketServer, type Server as SocketServer} from 'ws'
import {bound, type Limits} from '../limits.js'
import {maxInt32} from '../options.js'
import {FramedSocket} from './framed-socket.js'

/** What completes handshakes: a `WebSocketServer` for each set of limits in use. */
export class SocketServers {
  readonly #perMessageDeflate: boolean
  readonly #servers = new Map<string, SocketServer<typeof FramedSocket>>()
  readonly #byLimits = new WeakMap<Limits, SocketServer<typeof FramedSocket>>()

  constructor(perMessageDeflate: boolean) {
    this.#perMessageDeflate = perMessageDeflate
  }

  /** `ws` takes its limits per `WebSocketServer`, so routes with the same limits share one. */
  for(limits: Limits): SocketServer<typeof FramedSocket> {
    let server = this.#byLimits.get(limits)
    if (!server) this.#byLimits.set(limits, (server = this.#shared(limits)))
    return server
  }

  #shared(limits: Limits): SocketServer<typeof FramedSocket> {
    const key = `${limits.maxPayload} ${limits.maxFragments} ${limits.maxBufferedChunks} ${limits.closeTimeout}`
    let server = this.#servers.get(key)
    if (!server) {
      const options = {
        noServer: true,
        clientTracking: false,
        WebSocket: FramedSocket,
        perMessageDeflate: this.#perMessageDeflate && eachByItself,
        maxPayload: sizeFor(limits.maxPayload),
        maxFragments: sizeFor(limits.maxFragments),
        maxBufferedChunks: sizeFor(limits.maxBufferedChunks),
        closeTimeout: Math.min(bound(limits.closeTimeout), maxInt32),
      }
      this.#servers.set(key, (server = new WebSocketServer(options)))
    }
    return server
  }
}

/** Compressed messages stand by themselves, so that no connection keeps a compressor, or what takes it back. */
const eachByItself = {serverNoContextTakeover: true, clientNoContextTakeover: true}

/** For `ws`, 0 means no limit, and a number above 2^31 - 1 would become negative (`| 0`). */
export function sizeFor(limit: Limits['maxPayload']): number {
  return limit === 'off' ? 0 : Math.min(limit, maxInt32)
}
