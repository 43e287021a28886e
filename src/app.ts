import type {IncomingMessage} from 'node:http'
import type {Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {assemble, type Assembly} from './assembly.js'
import {busOf} from './boot/bus.js'
import {enterGlobal, leaveGlobal} from './boot/global.js'
import {appFolder, checkAppOptions, readConfig, type AppOptions} from './boot/options.js'
import type {Candy, CandyRoot, CandyRoute} from './candy.js'
import type {Description} from './describe/description.js'
import {Problems} from './errors.js'
import type {RequestHead} from './handshake/request.js'
import {revokedBy} from './identity/revocations.js'
import {attach, serverOf, type AttachTarget} from './http/attach.js'
import type {HostListener} from './http/host-listener.js'
import type {RoutedRequest} from './http/router.js'
import type {CloseOptions, ListenOptions} from './http/server.js'
import type {Upgrades} from './http/upgrade.js'
import type {Limit} from './limits.js'
import type {StatusRefusal} from './handshake/verdict.js'
import {load} from './loading.js'
import {checkOptions, checks} from './options.js'
import type {RoomPresence} from './rooms/presence.js'
import {loadTracing} from './telemetry/trace.js'
import type {Middleware, MiddlewareClass, RouteDefinition} from './routing/route.js'
import {callerSource, showSource} from './routing/source.js'

/** One app: a table of routes, and the server that serves it. */
export class App implements CandyRoot {
  /** Declares routes; `Route.wsServer` reaches every connection. */
  readonly Route: CandyRoute

  readonly #dir: string
  readonly #options: AppOptions
  readonly #house: Assembly
  readonly #attached = new Set<() => void>()
  #listening: Promise<number> | undefined
  #started = false
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(options: AppOptions, dir: string, problems: Problems) {
    this.#dir = dir
    this.#options = options
    this.#house = assemble(options, dir, problems, () => this.#started)
    this.Route = this.#house.Route
  }

  /** Where it listens; `undefined` before. */
  get url(): string | undefined {
    return this.#house.server.url
  }

  /** The route table, in the order of declaration. */
  routes(): readonly RouteDefinition<Candy>[] {
    return this.#house.registry.routes
  }

  /** Registers a middleware for routes declared from now on. @throws BootError `NOT_A_FUNCTION` */
  use(name: string, middleware: Middleware<Candy> | MiddlewareClass<Candy>): this {
    this.#house.middleware.register(name, middleware, showSource(callerSource(), this.#dir))
    return this
  }

  /**
   * Serves. Rejects with one clear line if the port is in use; it may then be called again.
   *
   * @throws BootError `INVALID_OPTION`
   * @throws Error if the app listens already, or is closed
   */
  async listen(options: ListenOptions = {}): Promise<{port: number; host: string; url: string}> {
    checkOptions(options, {port: checks.port, host: checks.host}, 'listen()', 'listen')
    this.start()
    if (this.#listening) throw new Error('The app listens already')
    const {port = 3_000, host = '127.0.0.1'} = options
    this.#listening = this.#house.server.listen(port, host)
    try {
      return {port: await this.#listening, host, url: this.url!}
    } catch (error) {
      this.#listening = undefined
      throw error
    }
  }

  /** Serves one connection, whose port is another process's; `listen()` is for those who have a port. @internal */
  accept(socket: Socket): void {
    this.#house.server.accept(socket)
  }

  /**
   * Serves the app's WebSocket routes on a server that there is: upgrades for them are taken before its own listeners
   * hear of them, all others are left to those. Attaching twice is attaching once. `close()` detaches, and leaves the
   * server open.
   *
   * @returns a function that detaches: what was there is restored, and connections live on
   * @throws TypeError if there is no server in the target
   * @throws Error once the app is closed
   */
  attach(target: AttachTarget): () => void {
    const server = serverOf(target)
    this.start()
    const remove = attach(server, this.#house.upgrades)
    const detach = () => {
      remove()
      this.#attached.delete(detach)
    }
    this.#attached.add(detach)
    return detach
  }

  /**
   * Takes one upgrade request, for people with a dispatcher of their own. After `close()` it answers 503.
   *
   * @returns whether there is a route for it; if not, the socket is untouched and still the caller's to answer
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // A dispatcher runs in an event: what it throws ends the process.
    if (!this.#closed) this.start()
    if (!this.#house.upgrades.isMine(request)) return false
    this.#house.upgrades.take(request, socket, head)
    return true
  }

  /**
   * What the app answers over HTTP, for a server that there is: `/_candy/*` and its own page, get and post routes; the
   * rest is `next`'s, or 404 without one. Files in `public/` are not served beside others.
   *
   * @throws Error once the app is closed
   *
   * @example express.use(app.http())
   */
  http(): HostListener {
    this.start()
    return this.#house.listener
  }

  /**
   * Who is in a room, on every node. Never rejects: while the bus is down, those are told who are known here.
   *
   * @throws CandyError `ROOM`
   */
  presence(room: string): Promise<RoomPresence> {
    return this.Route.wsServer.presence(room)
  }

  /**
   * Ends a session, or a user's everywhere: their sockets are closed with 4001, and what was issued to them before is
   * refused, on every node and until it would have expired. Logging in anew works.
   *
   * @param whose the value of a session cookie, or a user's `id`
   * @throws TypeError for anything else
   */
  revoke(whose: {session: string} | {user: string | number}): void {
    this.#house.revocations.revoke(revokedBy(whose))
  }

  /**
   * Refuses handshakes with 503, closes every connection with 1012 and waits for its close handlers; what is left at the
   * deadline is cut. Calling it again waits for the same end.
   *
   * @throws BootError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    // Before anything is remembered: a wrong option must not leave an app that cannot be closed.
    checkOptions(options, {drain: checks.time}, 'close()', 'close')
    this.#closed ??= this.#close(options.drain ?? this.#house.limits.drainTimeout, false)
    return this.#closed
  }

  /** As `close()`, where what takes its place serves already. @internal */
  async giveWay(time: Limit = this.#house.limits.drainTimeout): Promise<void> {
    this.#closed ??= this.#close(time, true)
    return this.#closed
  }

  async #close(time: Limit, isReplaced: boolean): Promise<void> {
    const {server, limits} = this.#house
    const level = this.#started && !isReplaced ? 'info' : 'debug'
    await server.close({time, spread: limits.drainSpread, isReplaced, level})
    for (const detach of this.#attached) detach()
    leaveGlobal(this)
    await this.#house.end()
  }

  /** @internal */
  boot(problems: Problems): Promise<void> {
    return load(this.#house, this, this.#options, this.#dir, problems)
  }

  /** Makes the singletons, before the first connection; never again after the end. @internal */
  start(): void {
    if (this.#closed) throw new Error('The app is closed: createApp() makes a new one')
    if (!this.#started) this.#house.begin()
    this.#started = true
  }

  /** Why the last change is not served, for the page; `candy dev` says it. @internal */
  set fault(text: string | undefined) {
    this.#house.page.fault = text
  }

  /** The app as data. @internal */
  description(): Promise<Description> {
    return this.#house.description.get()
  }

  /** Milliseconds that `close()` takes at most. @internal */
  get drainTimeout(): Limit {
    return this.#house.limits.drainTimeout
  }

  /** @internal */
  get remarks(): readonly string[] {
    return this.#house.registry.remarks
  }

  /** A request's endpoint and context, without a socket. @internal */
  findRoute(head: RequestHead): RoutedRequest | StatusRefusal {
    return this.#house.router.find(head, 'upgrade')
  }

  /** @internal */
  get upgrades(): Upgrades {
    return this.#house.upgrades
  }
}

/**
 * Makes an app: reads the folder's config, loads controllers, routes and middleware, and checks them all.
 *
 * @throws BootError that lists every fault, each with its place and remedy
 */
export async function createApp(options: AppOptions = {}): Promise<App> {
  const source = callerSource()
  const place = source ? showSource(source, process.cwd()) : 'createApp()'
  const problems = new Problems()
  const given = checkAppOptions(options, place, problems)
  const folder = given.dir === undefined ? undefined : problems.collect(() => appFolder(given.dir!, place))
  const config = folder === undefined ? {} : await readConfig(folder, problems)
  const wanted = {...config, ...given, dir: folder}
  const bus = await busOf(wanted.bus).catch((error: unknown) => problems.keep(error))
  const app = new App({...wanted, bus: bus ?? false}, folder ?? process.cwd(), problems)
  enterGlobal(app)
  try {
    await Promise.all([app.boot(problems), loadTracing()])
    return app
  } catch (error) {
    leaveGlobal(app)
    throw error
  }
}
