import {createApp, type App} from '../app.js'
import type {AppOptions} from '../boot/options.js'
import type {Ears, Socket} from '../connection/socket.js'
import {accept} from '../handshake/accept.js'
import type {SomeUser} from '../identity/user.js'
import {judge} from '../handshake/gate.js'
import {noOffer} from '../handshake/protocol.js'
import type {Verdict} from '../handshake/verdict.js'
import {TestClient} from './client.js'

export interface MountOptions extends Omit<AppOptions, 'controllers' | 'dir'> {
  /** Path and query that the route is asked for. Default: the route's own path, if it has no parameters. */
  path?: string
  /** Who is connected. Default: nobody. */
  user?: SomeUser | null
  headers?: Readonly<Record<string, string>>
}

/** A controller that runs without a port: one connection to it, and the app around it. */
export interface Mounted<T> {
  readonly client: TestClient
  /** The controller instance of this connection. */
  readonly controller: T
  readonly app: App
  /** Ends connection and app. */
  close(): Promise<void>
}

/** The gate said no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  constructor(readonly verdict: Verdict) {
    super(verdict.kind === 'close' ? `refused with ${verdict.code} ${verdict.reason}` : 'refused')
  }
}

/**
 * Runs a controller as the server would, guards and dispatch included, over memory instead of a socket. Only the
 * token is not asked for: it belongs to a browser.
 *
 * @throws BootError for a faulty controller, RefusedError if a guard refuses
 *
 * @example
 * ```ts
 * const {client, controller} = await mount(RoomController, {path: '/room/7'})
 * client.send({type: 'say', text: 'hi'})
 * expect(await client.next()).toMatchObject({type: 'said', text: 'hi'})
 * ```
 */
export async function mount<T extends object>(
  controller: abstract new (...args: never[]) => T,
  {path, user, headers = {}, ...options}: MountOptions = {},
): Promise<Mounted<T>> {
  const app = await createApp({
    ...(user !== undefined && {auth: () => user}),
    ...options,
    controllers: [controller],
  })
  try {
    app.start()
    const url = path ?? app.routes()[0]!.path
    const routed = app.findRoute({
      method: 'GET',
      url,
      headers: {host: 'localhost', ...headers},
      socket: {remoteAddress: '127.0.0.1'},
    })
    if ('kind' in routed) throw new RefusedError(routed)
    const {candy, endpoint} = routed
    const verdict = await judge(candy, {...endpoint.guards, token: false}, noOffer)
    if (verdict.kind !== 'accept') {
      candy.end()
      throw new RefusedError(verdict)
    }
    const wire = new MemoryWire()
    const {connections, parts} = app.upgrades
    connections.add(candy)
    accept(candy, wire.server, endpoint, parts)
    return {
      app,
      client: wire.client,
      controller: candy.taker?.receiver as T,
      close: async () => {
        candy.ws.close()
        await app.close()
      },
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Two ends of one connection in memory: what one sends, the other hears in a later microtask, in order. */
class MemoryWire {
  readonly client: TestClient
  readonly server: Socket
  #open = true

  constructor() {
    this.client = new TestClient(
      {
        send: data =>
          this.#tell(ears =>
            ears.frame({data: Buffer.from(data as string), binary: typeof data !== 'string'}),
          ),
        close: (code = 1005, reason = '') => this.#end(code, reason),
        terminate: () => this.#end(1006, ''),
      },
      '',
    )
    const isOpen = () => this.#open
    this.server = {
      get readyState() {
        return isOpen() ? 1 : 3
      },
      protocol: '',
      bufferedAmount: 0,
      bytesGiven: 0,
      bytesRead: 0,
      partial: false,
      deflates: false,
      outbox: undefined,
      ears: undefined,
      writeFrames: () => false,
      together: write => write(),
      send: (data, {binary}, done) => {
        if (isOpen()) queueMicrotask(() => this.client.receive(Buffer.from(data as string), binary))
        done()
      },
      ping: (data = Buffer.alloc(0)) => this.#tell(ears => ears.pinged('pong', data)),
      close: (code, reason) => this.#end(code, reason),
      terminate: () => this.#end(1006, ''),
      pause: () => undefined,
      resume: () => undefined,
    }
  }

  #end(code: number, reason: string): void {
    if (!this.#open) return
    this.server.outbox?.finish()
    this.#open = false
    this.#tell(ears => ears.ended(code, reason))
    queueMicrotask(() => this.client.end({code, reason}))
  }

  #tell(say: (ears: Ears) => void): void {
    queueMicrotask(() => {
      if (this.server.ears) say(this.server.ears)
    })
  }
}
